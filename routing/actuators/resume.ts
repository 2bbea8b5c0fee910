/**
 * What a device hears of its commands when it listens again: what waited for it, and what went out and was never
 * acknowledged, the last one of each actuator or the last batch. Both are judged by how things are now. What went out
 * before may have arrived, and have begun: it has only the rest of its time, and is over when that is.
 */
import type { Command } from '../../storage/actuator-history.js'
import type { Store } from '../../storage/store.js'
import { type Effect, sendCommand } from '../effect.js'
import type { CommandBook } from './book.js'
import { commandFailed } from './command-events.js'
import { metadataIn } from './commands.js'
import type { Passed } from './gate.js'
import type { Guard } from './guard.js'
import type { Place } from './place.js'
import { lengthOf } from './timers.js'

/** Only what ends in OFF, or only the other actuators. */
export type Share = 'off' | 'on'

/** The device listens. Inside the group. */
export type Resume = (esp_id: string, now: number, share?: Share) => Effect[]

export interface ResumeOptions {
  store: Pick<Store, 'actuatorHistory'>
  book: CommandBook
  guard: Pick<Guard, 'judge' | 'surroundings'>
  /** Its timers begin. */
  start: (command: Command, passed: Passed, now: number) => void
  note: (command: Command, severity: 'warning', what: string, now: number) => void
}

export function createResume({ store, book, guard, start, note }: ResumeOptions): Resume {
  const give = (command: Command, state: 'failed' | 'expired' | 'superseded', error: string, now: number) => {
    const ended = book.end(command, { state, error }, now)
    if (state !== 'superseded') note(ended, 'warning', `${state}: ${error}`, now)
    return [commandFailed(ended, now)]
  }

  /** How long ago the latest that went out did, ms; undefined when its time is over, or it has none. */
  const elapsedOf = (place: Place): number | undefined => {
    const { timers, left } = guard.surroundings(place)
    return timers.duration && left.duration !== undefined
      ? lengthOf(timers.duration) - left.duration
      : undefined
  }
  /** What is left of the time it went out with, s; what had no end has none. */
  const rest = (
    { duration, sent_at, timestamp }: Command,
    elapsed: number | undefined,
    now: number,
  ): number => {
    if (!duration) return Number.POSITIVE_INFINITY
    // Its timer began anew when it was seen on; the wall clock may have been put back.
    const since = Math.max(elapsed ?? Number.POSITIVE_INFINITY, now - (sent_at ?? timestamp))
    return Math.floor(duration - since / 1000)
  }

  const deliver = (command: Command, elapsed: number | undefined, now: number): Effect[] => {
    const { esp_id, gpio, command_type, value, duration, issued_by } = command
    const isFirst = !book.mayHaveLeft(command)
    if (!isFirst && !value) return [sendCommand(command)]
    const judged = guard.judge({
      esp_id,
      gpio,
      command: command_type,
      ...(command_type === 'PWM' && { value }),
      duration,
      issued_by,
    })
    if (!judged.passes) return give(command, 'failed', `${judged.limit}: ${judged.detail}`, now)
    if (isFirst) {
      start(command, judged, now)
      return [sendCommand(book.leave(command, judged.duration))]
    }
    const left = Math.min(rest(command, elapsed, now), judged.duration || Number.POSITIVE_INFINITY)
    if (left < 1) return give(command, 'expired', 'its time was over before the device was back', now)
    if (!Number.isFinite(left)) return [sendCommand(command)]
    start(command, { ...judged, duration: left, override: 0 }, now)
    return [sendCommand(book.leave(command, left))]
  }

  /** The last that the device has taken: what is older comes too late, however it got lost. */
  const lastTaken = (esp_id: string, gpio: number): Command | undefined =>
    store.actuatorHistory
      .list(esp_id, gpio)
      .findLast(({ state }) => state === 'acknowledged' || state === 'done')

  /** What is said of the actuator switches nothing on. */
  const isOff = (waiting: readonly Command[], last: Command): boolean => {
    const { batch } = metadataIn(last)
    return waiting.every(
      (command) => !command.value || (command !== last && (!batch || metadataIn(command).batch !== batch)),
    )
  }

  return (esp_id, now, share) => {
    const gpios = new Set(store.actuatorHistory.list(esp_id).map(({ gpio }) => gpio))
    return [...gpios].flatMap((gpio): Effect[] => {
      const waiting = book.unfinished(esp_id, gpio).filter(({ state }) => state !== 'acknowledged')
      const last = waiting.at(-1)
      if (!last || (share && isOff(waiting, last) !== (share === 'off'))) return []
      const { batch } = metadataIn(last)
      const elapsed = elapsedOf({ esp_id, gpio })
      const taken = lastTaken(esp_id, gpio)
      const effects = waiting.flatMap((command) => {
        if (taken && taken.id > command.id)
          return give(command, 'superseded', `superseded by ${taken.correlation_id}`, now)
        if (command === last || (batch !== undefined && metadataIn(command).batch === batch))
          return deliver(command, elapsed, now)
        return give(command, 'superseded', `superseded by ${last.correlation_id}`, now)
      })
      return inOrder(effects)
    })
  }
}

/** What goes before waits for the disk: OFF does not overtake it. */
function inOrder(effects: readonly Effect[]): Effect[] {
  let waits = false
  return effects.map((effect) => {
    if (effect.kind !== 'send_command') return effect
    waits ||= !effect.at_once
    return waits ? { ...effect, at_once: false } : effect
  })
}
