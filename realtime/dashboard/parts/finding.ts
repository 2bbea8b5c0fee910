/** Finding by what people type: every word has to be there, in any case and any way of writing its letters. Pure. */

/** A text as it is compared. */
export const plain = (text: string): string => text.toLocaleLowerCase().normalize('NFKC')

/** Whether a text, as `plain` gives it, holds every word of a wish. */
export function finder(wish: string): (text: string) => boolean {
  const words = plain(wish).split(/\s+/).filter(Boolean)
  return (text) => words.every((word) => text.includes(word))
}
