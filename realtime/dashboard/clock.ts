/**
 * The time on this page: one tick a second for every age shown, and the server's clock as far as frames tell
 * it, since a greenhouse box and the tablet in front of it rarely agree.
 */
import { ref } from 'vue'

let ahead = 0

/** The server's time in milliseconds, renewed each second. */
export const now = ref(Date.now())

const tick = () => {
  now.value = Date.now() - ahead
}
setInterval(tick, 1000)

/** How far this browser's clock is ahead of the server's, ms; 0 below two seconds. */
export const clockAhead = ref(0)

/** A moment by this browser's clock, by that of the box: what is shown or listed beside its events. */
export const onBox = (at: number): number => at - clockAhead.value

/** Takes over the server's clock from a frame (Unix seconds) when it differs by more than two seconds. */
export function heardServerTime(seconds: number): void {
  const difference = Date.now() - seconds * 1000
  if (!Number.isFinite(difference) || Math.abs(difference - ahead) < 2000) return
  ahead = Math.abs(difference) < 2000 ? 0 : difference
  clockAhead.value = ahead
  tick()
}
