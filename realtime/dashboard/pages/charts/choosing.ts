/** Which sensors there are to choose from, and which of them somebody means. */
import { computed } from 'vue'
import { nameOfKey, titleOf } from '../../parts/chart/sensor-name.js'
import { readings } from '../../store/greenhouse.js'

export interface Choosable {
  readonly name: string
  readonly sensor: string
  readonly device: string
  readonly zone: string
  /** All that it can be found by. */
  readonly text: string
}

const byText = new Intl.Collator(undefined, { numeric: true }).compare
const plain = (text: string): string => text.toLocaleLowerCase().normalize('NFKC')

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
  const words = plain(wanted).split(/\s+/).filter(Boolean)
  return words.length === 0 ? all : all.filter(({ text }) => words.every((word) => text.includes(word)))
}
