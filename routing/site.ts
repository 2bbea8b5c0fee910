/**
 * The site: what people call it, in which time zone it lives, and whether its first run was gone through. Kept in
 * the settings; what nobody set is the box's own time zone, no name, and not finished.
 */
import type { Store } from '../storage/store.js'

export interface Site {
  /** null while nobody named it */
  readonly name: string | null
  /** IANA */
  readonly time_zone: string
  /** Nobody chose the time zone: it is the box's. */
  readonly is_box_zone: boolean
  readonly setup_finished: boolean
}

/** What is to be changed; the rest stays, null goes back to the default. */
export interface SiteChanges {
  readonly name?: string | null
  readonly time_zone?: string | null
  readonly setup_finished?: boolean
}

const SETTING = 'site'

/** The zone as IANA writes it; undefined when there is none of this name. Offsets are no zones: they know no summer. */
export function timeZoneOf(word: string): string | undefined {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: word }).resolvedOptions()
    return /^[+-]/.test(timeZone) ? undefined : timeZone
  } catch {
    return undefined
  }
}

const boxZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

export function siteOf({ settings }: Pick<Store, 'settings'>): Site {
  const { name = null, time_zone, setup_finished = false } = (settings.find(SETTING) ?? {}) as SiteChanges
  const zone = time_zone ? timeZoneOf(time_zone) : undefined
  return { name, time_zone: zone ?? boxZone(), is_box_zone: zone === undefined, setup_finished }
}

/** Queues what was changed; inside the group only. The zone is one that `timeZoneOf` knows. */
export function changeSite({ settings }: Pick<Store, 'settings'>, changes: SiteChanges, now: number): void {
  settings.upsert(SETTING, { ...(settings.find(SETTING) as SiteChanges | undefined), ...changes }, now)
}
