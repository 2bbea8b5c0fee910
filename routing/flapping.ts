/**
 * Who comes and goes: counts how often a device reconnected or left its Will within five minutes. Three of
 * either kind and it flaps; that is one condition with a beginning and an end, not a storm of events.
 */
const WINDOW = 300_000
const TOO_OFTEN = 3
/** Devices remembered; the ones that were quiet longest are forgotten first. */
const DEVICES = 10_000

export type Coming = 'reconnect' | 'will'

export interface Flapping {
  /** Counts one; true when the device flaps now. */
  count(esp_id: string, kind: Coming, now: number): boolean
  flaps(esp_id: string, now: number): boolean
  /** How often within the window. */
  counted(esp_id: string, kind: Coming, now: number): number
}

export function createFlapping(): Flapping {
  const comings = new Map<string, Record<Coming, number[]>>()

  const counted: Flapping['counted'] = (esp_id, kind, now) =>
    comings.get(esp_id)?.[kind].filter((at) => now - at < WINDOW).length ?? 0

  const flaps: Flapping['flaps'] = (esp_id, now) =>
    counted(esp_id, 'reconnect', now) >= TOO_OFTEN || counted(esp_id, 'will', now) >= TOO_OFTEN

  return {
    counted,
    flaps,
    count(esp_id, kind, now) {
      const known = comings.get(esp_id) ?? { reconnect: [], will: [] }
      known[kind] = [...known[kind].slice(1 - TOO_OFTEN), now]
      comings.delete(esp_id)
      comings.set(esp_id, known)
      if (comings.size > DEVICES) comings.delete(comings.keys().next().value!)
      return flaps(esp_id, now)
    },
  }
}
