/**
 * Registers devices over REST as an operator, so that each logs in as itself, in the zone it says it is in. One that a
 * load before registered gets a new password; a device of somebody else is left alone, and told of.
 */
import type { Login } from '../sim/connection.js'
import type { Planned } from '../sim/profiles/index.js'
import { createRestClient, type RestAnswer } from './rest-client.js'

export interface Registration {
  /** As `http://host:8000`. */
  readonly origin: string
  readonly ca?: string | undefined
  /** An operator's, or an administrator's. */
  readonly login: Login
}

/** In their capabilities: who made them, so that they may be taken up again. */
const MAKER = 'kaiser sim'
/** Asked at once. */
const AT_ONCE = 8

/** Why not, as REST says it. */
function reasonOf({ status, body }: RestAnswer): string {
  const { detail } = body
  if (typeof detail === 'string') return detail
  if (Array.isArray(detail))
    return detail.map(({ loc, msg }) => `${loc?.slice(1).join('.')} ${msg}`).join('; ')
  return `HTTP ${status}`
}

/** What each logs in with. Throws an Error with a sentence when one of them cannot be registered. */
export async function registerDevices(
  { origin, ca, login }: Registration,
  devices: readonly Planned[],
): Promise<ReadonlyMap<string, Login>> {
  const rest = createRestClient(origin, ca)
  const logins = new Map<string, Login>()

  const register = async ({ esp_id, config }: Planned): Promise<void> => {
    const { zone_id, zone_name } = config
    const where = { zone_id: zone_id ?? '', zone_name: zone_name ?? '' }
    let answer = await rest.ask('POST', '/esp/devices', {
      ...{ device_id: esp_id, ...where, capabilities: { made_by: MAKER } },
    })
    if (answer.body.code === 'already_exists') {
      const path = `/esp/devices/${esp_id}`
      const { body } = await rest.ask('GET', path)
      if ((body.capabilities as Record<string, unknown> | undefined)?.made_by !== MAKER)
        throw new Error(
          `${esp_id} is registered already, and not by ${MAKER}; take another --prefix, or remove it`,
        )
      answer = await rest.ask('POST', `${path}/credentials`)
    }
    const { mqtt_username, mqtt_password } = answer.body
    if (typeof mqtt_username !== 'string' || typeof mqtt_password !== 'string')
      throw new Error(`${origin} does not register ${esp_id}: ${reasonOf(answer)}`)
    logins.set(esp_id, { username: mqtt_username, password: mqtt_password })
  }

  try {
    const session = await rest.ask('POST', '/auth/login', login)
    const { access_token } = (session.body.tokens ?? {}) as { access_token?: unknown }
    if (typeof access_token !== 'string')
      throw new Error(`${origin} does not let ${login.username} in: ${reasonOf(session)}`)
    rest.bear(access_token)
    const waiting = [...devices].reverse()
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = waiting.pop(); next; next = waiting.pop())
          await register(next).catch((error: Error) => {
            waiting.length = 0
            throw error
          })
      }),
    )
    return logins
  } finally {
    rest.close()
  }
}
