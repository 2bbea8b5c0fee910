/** Which sensors there are to choose from, and which of them somebody means. */
import { computed } from 'vue'
import { byText } from '../../by-text.js'
import { titleOf } from '../../parts/chart/sensor-name.js'
import { finder, plain } from '../../parts/finding.js'
import { readings } from '../../store/greenhouse.js'
import { nameOfKey } from '../../store/readings.js'

export interface Choosable {
  readonly name: string
  readonly sensor: string
  readonly device: string
  readonly zone: string
  /** All that it can be found by. */
  readonly text: string
}

/** Every sensor that was heard, by zone, device and name. Follows sensors that come and go, not what they say. */
export const choosable = computed<readonly Choosable[]>(() =>
  [...readings.keys()]
    .map((key) => {
      const name = nameOfKey(key)
      const title = titleOf(name)
      return { name, ...title, text: plain(`${title.zone} ${title.device} ${title.sensor} ${name}`) }
    })
    .sort((a, b) => byText(a.zone, b.zone) || byText(a.device, b.device) || byText(a.sensor, b.sensor)),
)

/** Every word has to be in the zone, the device, the name, the type or the address. */
export function found(all: readonly Choosable[], wanted: string): readonly Choosable[] {
  const isMeant = finder(wanted)
  return all.filter(({ text }) => isMeant(text))
}
