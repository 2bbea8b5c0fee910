/**
 * What those who wait are told while storage fails or takes its time: that their clients need not wait with
 * them, that they are shown though not stored, and in the end that they waited too long.
 */
import type { Member } from './member.js'

const hold = (member: Member): void => {
  if (member.held_already) return
  member.held_already = true
  member.held()
}

/** Those who have waited since before `since` no longer keep their clients waiting. Oldest come first. */
export function holdSince(members: readonly Member[], since: number): void {
  for (const member of members) {
    if (member.joined_at > since) break
    hold(member)
  }
}

/** Storage fails: nobody's client waits. Those who were told are always first, so the way back ends at them. */
export function holdAll(committed: readonly Member[]): void {
  let told = committed.length
  while (told > 0 && !committed[told - 1]!.held_already) told--
  for (const member of committed.slice(told)) hold(member)
}

/** The same for those whose rows are not even committed: they are announced as not stored. */
export function announceAll(queued: readonly Member[]): void {
  let told = queued.length
  while (told > 0 && !queued[told - 1]!.announced) told--
  for (const member of queued.slice(told)) {
    hold(member)
    member.announced = true
    member.committed(false)
  }
}

/** Those who joined before `since` have waited as long as anybody may. */
export function expireSince(members: readonly Member[], since: number): void {
  for (const member of members) {
    if (member.expired_already || member.joined_at > since) continue
    member.expired_already = true
    member.expired()
  }
}
