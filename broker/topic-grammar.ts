/**
 * What a topic name and a topic filter may look like: MQTT 3.1.1 §4.7. Nothing here knows who asks or what the
 * topic means.
 */

/** No wildcards, not empty. [MQTT-3.3.2-2] [MQTT-4.7.3-1] */
export const isTopicName = (topic: string): boolean =>
  topic !== '' && !topic.includes('+') && !topic.includes('#')

/**
 * `#` only as the whole last level [MQTT-4.7.1-2], `+` only as a whole level [MQTT-4.7.1-3], not empty
 * [MQTT-4.7.3-1].
 */
export function isTopicFilter(filter: string): boolean {
  if (filter === '') return false
  const levels = filter.split('/')
  return levels.every((level, depth) =>
    level.includes('#')
      ? level === '#' && depth === levels.length - 1
      : !level.includes('+') || level === '+',
  )
}

/** How many levels a topic or filter has. */
export function levelsOf(topic: string): number {
  let levels = 1
  for (let at = topic.indexOf('/'); at !== -1; at = topic.indexOf('/', at + 1)) levels++
  return levels
}
