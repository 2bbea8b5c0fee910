/** Whose clocks a chart goes by: this browser's, or those of the place where the box stands. */
import { computed, ref } from 'vue'
import { site } from '../../store/site.js'
import type { Zone } from '../../words/zoned.js'

export const ZONES = ['browser', 'site'] as const
export type Whose = (typeof ZONES)[number]

const KEPT_AS = 'kaiser_chart_zone'
const isWhose = (word: unknown): word is Whose => ZONES.includes(word as Whose)
const kept = localStorage.getItem(KEPT_AS)
const chosen = ref<Whose>(isWhose(kept) ? kept : 'browser')

export const whose = computed<Whose>({
  get: () => chosen.value,
  set: (next) => {
    chosen.value = next
    try {
      localStorage.setItem(KEPT_AS, next)
    } catch {
      // A full or forbidden storage: the choice lasts as long as this page.
    }
  },
})

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Whether there is anything to choose. */
export const differs = computed(() => site.time_zone !== '' && site.time_zone !== ownZone())

/** A browser that does not know the zone of the site keeps to its own. */
function known(zone: string): Zone {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone
  } catch {
    return undefined
  }
}

export const zone = computed<Zone>(() =>
  differs.value && chosen.value === 'site' ? known(site.time_zone) : undefined,
)
