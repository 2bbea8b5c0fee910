/** The name of an event on the realtime socket: which start of kaiser, and the how many-th event of it. */
export const cursorOf = (boot: string, seq: number): string => `${boot}.${seq}`

/** Which event of this start a cursor names; undefined when it is of an earlier one, or of none. */
export function positionOf(cursor: string, boot: string, newest: number): number | undefined {
  if (!cursor.startsWith(`${boot}.`)) return undefined
  const seq = Number(cursor.slice(boot.length + 1))
  return Number.isSafeInteger(seq) && seq <= newest ? seq : undefined
}
