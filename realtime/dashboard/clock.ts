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

/** Takes over the server's clock from a frame (Unix seconds) when it differs by more than two seconds. */
export function heardServerTime(seconds: number): void {
  const difference = Date.now() - seconds * 1000
  if (!Number.isFinite(difference) || Math.abs(difference - ahead) < 2000) return
  ahead = Math.abs(difference) < 2000 ? 0 : difference
  tick()
}

const span = (seconds: number): string => {
  if (seconds < 60) return `${Math.floor(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** How long ago something was: "3 s ago". A time that lies ahead is said to do so. */
export function ago(at: number): string {
  const seconds = (now.value - at) / 1000
  if (seconds < -60) return `dated ${span(-seconds)} ahead`
  return seconds < 1 ? 'just now' : `${span(seconds)} ago`
}

/** A duration in its two largest units: "3 d 4 h". */
export function duration(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes} min` : span(seconds)
}

const twoDigits = (n: number) => String(n).padStart(2, '0')

/** The local time of day, 14:03:12, with the date in front when it is not today's. */
export function timeOfDay(at: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return 'unknown time'
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')
  if (date.toDateString() === new Date(now.value).toDateString()) return time
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())} ${time}`
}
