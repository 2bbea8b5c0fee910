/** A bus address as readings have it: a ROM code in capitals, an I²C address as `0x44`; '' when there is none. */
export function busAddress(written: string | null | undefined): string {
  const text = (written ?? '').trim()
  if (/^0x[0-9a-f]{1,2}$/i.test(text)) return `0x${text.slice(2).toLowerCase().padStart(2, '0')}`
  return /^[0-9a-f]{16}$/i.test(text) ? text.toUpperCase() : text
}
