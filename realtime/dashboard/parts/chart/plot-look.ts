/** What the lines of a plot and the signs beside them share: scales by name, colours of the page. */

/** The name of the scale of an axis. */
export const scaleOf = (key: string): string => `y ${key}`

/** What a custom property of the page is now. */
export const colourOf = (root: Element, property: string): string =>
  getComputedStyle(root).getPropertyValue(property).trim()
