/** Finding devices on the overview by what people type and by how they are. Pure. */
import { finder, plain } from '../../parts/finding.js'

export const STATES = ['all', 'online', 'away', 'unwell'] as const
export type State = (typeof STATES)[number]

interface Standing {
  readonly status: string
  readonly flapping: boolean
  readonly safe_mode: boolean
}

interface Named extends Standing {
  readonly title: string
  readonly device_id: string
}

interface Zone<Item extends Named> {
  readonly zone_id: string | null
  readonly name: string
  readonly cards: readonly Item[]
  readonly size: number
  readonly online: number
}

const isIn: Record<State, (card: Standing) => boolean> = {
  all: () => true,
  online: ({ status }) => status === 'online',
  away: ({ status }) => status !== 'online',
  // Away, broken, coming and going, or in safe mode.
  unwell: ({ status, flapping, safe_mode }) =>
    status === 'offline' || status === 'error' || flapping || safe_mode,
}

/** Every word has to be in the name, the id or the zone. Zones that are left empty are left out. */
export function filtered<Item extends Named>(
  zones: readonly Zone<Item>[],
  wanted: string,
  state: State,
): readonly Zone<Item>[] {
  const isAnybody = wanted.trim() === ''
  if (isAnybody && state === 'all') return zones
  const holds = finder(wanted)
  return zones.flatMap((zone) => {
    const isMeant = ({ title, device_id }: Named): boolean =>
      isAnybody || holds(plain(`${title} ${device_id} ${zone.zone_id ?? ''} ${zone.name}`))
    const cards = zone.cards.filter((card) => isIn[state](card) && isMeant(card))
    if (cards.length === 0) return []
    const online = cards.filter(({ status }) => status === 'online').length
    return [{ ...zone, cards, size: cards.length, online }]
  })
}

/** The first so many cards of all, zone by zone. */
export function firstOf<Item extends Named>(
  zones: readonly Zone<Item>[],
  most: number,
): readonly Zone<Item>[] {
  const found: Zone<Item>[] = []
  let left = most
  for (const zone of zones) {
    if (left <= 0) break
    found.push(zone.cards.length <= left ? zone : { ...zone, cards: zone.cards.slice(0, left) })
    left -= zone.cards.length
  }
  return found
}
