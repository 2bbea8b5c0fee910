/**
 * MQTT logins that were refused lately, for people who wait for a device that does not come: by device, with the code
 * and the address. In memory and bounded. A name that nobody has is not kept, as people type their password where the
 * name belongs; only one that looks like a device's id is, because that may be a slip of the pen.
 */
import type { CodeName } from './contract/codes.js'
import type { Credentials, Identify } from './contract/identities.js'
import { plainAddress } from './cooldown.js'

export interface RefusedLogin {
  readonly code: CodeName
  /** Whom it wanted to be; null where that is not kept. */
  readonly esp_id: string | null
  readonly address: string
  count: number
  /** ms since 1970 */
  readonly first_at: number
  last_at: number
}

export interface RefusedLogins {
  /** Passes every verdict on, and keeps the refusals. */
  watch(identify: Identify): Identify
  /** Those of a device, latest first. */
  of(esp_id: string): RefusedLogin[]
  /** Those of nobody we know within the last ten minutes, latest first. */
  strangers(): RefusedLogin[]
}

const MOST = 1_000
const LATELY = 600_000
const LIKE_AN_ID = /^(ESP|MOCK)_[A-Za-z0-9_]{1,46}$/i

export interface RefusedLoginsOptions {
  isDevice: (name: string) => boolean
  /** ms since 1970 */
  now: () => number
}

export function createRefusedLogins({ isDevice, now }: RefusedLoginsOptions): RefusedLogins {
  const kept = new Map<string, RefusedLogin>()

  const note = (
    { username, client_id, certificate_cn, address: from }: Credentials,
    code: CodeName,
  ): void => {
    const name = certificate_cn ?? username ?? client_id
    const esp_id = isDevice(name) || LIKE_AN_ID.test(name) ? name : null
    const address = plainAddress(from)
    const key = `${esp_id ?? ''} ${address} ${code}`
    const at = now()
    const known = kept.get(key) ?? { code, esp_id, address, count: 0, first_at: at, last_at: at }
    known.count++
    known.last_at = at
    kept.delete(key)
    kept.set(key, known)
    if (kept.size > MOST) kept.delete(kept.keys().next().value!)
  }

  const latest = (holds: (login: RefusedLogin) => boolean): RefusedLogin[] =>
    [...kept.values()].filter(holds).reverse()

  return {
    watch: (identify) => (credentials, settle) =>
      identify(credentials, (verdict) => {
        if (typeof verdict === 'string') note(credentials, verdict)
        settle(verdict)
      }),
    of: (esp_id) => latest((login) => login.esp_id === esp_id),
    strangers: () =>
      latest(({ esp_id, last_at }) => now() - last_at < LATELY && !(esp_id !== null && isDevice(esp_id))),
  }
}
