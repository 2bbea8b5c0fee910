/** On, but what should come of it does not: no flow, or a level that stays as it is. Off, and somebody has to look. */
import { limit } from './limit.js'

export const sanity = limit({
  name: 'sanity',
  broken({ config, unconfirmed }) {
    if (unconfirmed === undefined) return undefined
    return { detail: unconfirmed, alarm: config?.sanity?.kind === 'level' ? 'level_unchanged' : 'no_flow' }
  },
})
