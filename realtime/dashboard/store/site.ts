/** Where the box stands, as far as pages need it: what the place is called, and its time zone. */
import { reactive } from 'vue'
import { call } from '../api.js'

interface Site {
  name: string | null
  /** IANA; empty while it is not known. */
  time_zone: string
}

export const site = reactive<Site>({ name: null, time_zone: '' })

/** Throws ApiError. */
export async function loadSite(): Promise<void> {
  const { name, time_zone } = await call<Site>('GET', '/site')
  Object.assign(site, { name, time_zone })
}
