/**
 * What the command line can ask of a store, running or not: the same small functions, called inside the
 * server over its socket, or on a database that nobody serves. Each returns plain JSON.
 */
import { createTokens } from '../realtime/tokens.js'
import { decisionEvent } from '../routing/decision-event.js'
import { MOST_DEVICES_AT_ONCE, MOST_MINUTES } from '../routing/pairing.js'
import { hashPassword, passwordWeakness } from '../routing/passwords.js'
import { approve, checkRemoval, register, reject, remove, renew } from '../routing/registry.js'
import type { AuditEntry } from '../storage/audit-logs.js'
import type { Store } from '../storage/store.js'
import type { Role } from '../storage/users.js'
import { type AdminContext, AdminError } from './admin-context.js'
import { estopOperations } from './estop.js'

export { type AdminContext, AdminError } from './admin-context.js'

type Args = Readonly<Record<string, string | null>>
type Operation = (context: AdminContext, args: Args) => Promise<unknown>

const who = 'command line'

/** What was done here, as the audit keeps it: whoever can use the data directory needs no name. */
const done = (event_type: AuditEntry['event_type'], details: object): AuditEntry => ({
  event_type,
  severity: 'info',
  source_type: 'user',
  source_id: who,
  status: 'success',
  details,
})

const word = (args: Args, name: string): string => {
  const value = args[name]
  if (!value) throw new AdminError(`${name} is required`)
  return value
}

const wholeNumber = (args: Args, name: string, most: number): number => {
  const value = Number(word(args, name))
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new AdminError(`${name} is "${args[name]}"; allowed: 1 to ${most}`)
  return value
}

const USERNAME = /^[A-Za-z][A-Za-z0-9_-]{2,49}$/
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']

const existing = (store: Store, args: Args) => {
  const username = word(args, 'username')
  const user = store.users.find(username)
  if (!user) throw new AdminError(`user ${username} is not known`)
  return user
}

const deviceLine = (device: ReturnType<Store['devices']['list']>[number]) => ({
  device_id: device.device_id,
  status: device.status,
  hardware_type: device.hardware_type,
  name: device.name,
  last_seen: device.last_seen === null ? null : new Date(device.last_seen).toISOString(),
})

export const operations: Readonly<Record<string, Operation>> = {
  ...estopOperations(who),
  async 'device.add'({ store, now, pairing }, args) {
    const device_id = word(args, 'device_id')
    const { device, credentials } = await store.group.run(() => {
      const made = register(store, device_id, { name: args.name ?? null }, who, now())
      store.auditLogs.insert(done('device_registered', { device_id }), now())
      return made
    })
    pairing?.handOver(credentials)
    return { ...deviceLine(device), ...credentials }
  },
  async 'device.approve'({ store, now, say, pairing }, args) {
    const device_id = word(args, 'device_id')
    const { device, credentials } = await store.group.run(() => {
      const approved = approve(store, device_id, who, now())
      store.auditLogs.insert(done('device_approved', { device_id }), now())
      return approved
    })
    say?.(decisionEvent(device, who))
    pairing?.handOver(credentials)
    return { ...deviceLine(device), ...credentials }
  },
  async 'device.passwd'({ store, now, pairing }, args) {
    const device_id = word(args, 'device_id')
    const { credentials } = await store.group.run(() => {
      store.auditLogs.insert(done('credentials_issued', { device_id }), now())
      return renew(store, device_id, now())
    })
    return { device_id, ...credentials, told: pairing?.handOver(credentials) ?? false }
  },
  async 'device.pair'({ store, now, pairing }, args) {
    if (!pairing) throw new AdminError('pairing needs a running server: devices come in to it')
    const minutes = wholeNumber(args, 'minutes', MOST_MINUTES)
    const devices = wholeNumber(args, 'count', MOST_DEVICES_AT_ONCE)
    const { code, expires_at } = pairing.open(minutes, devices)
    store.auditLogs.note(done('pairing_opened', { minutes, devices }), now())
    return { code, expires_at: new Date(expires_at).toISOString(), devices }
  },
  async 'device.reject'({ store, now, say, switchOff }, args) {
    const device_id = word(args, 'device_id')
    switchOff?.(device_id, 'device_rejected')
    const reason = args.reason ?? null
    const device = await store.group.run(() => {
      store.auditLogs.insert(done('device_rejected', { device_id, reason }), now())
      return reject(store, device_id, reason, now())
    })
    say?.(decisionEvent(device, who))
    return deviceLine(device)
  },
  async 'device.remove'({ store, now, switchOff }, args) {
    const device_id = word(args, 'device_id')
    checkRemoval(store, device_id)
    switchOff?.(device_id, 'device_removed')
    await store.group.run(() => {
      remove(store, device_id)
      store.auditLogs.insert(done('device_removed', { device_id }), now())
    })
    return { device_id, removed: true }
  },
  async 'device.list'({ store }) {
    return store.devices.list().map(deviceLine)
  },
  async 'user.add'({ store, now }, args) {
    const username = word(args, 'username')
    const password = word(args, 'password')
    const role = ROLES.find((known) => known === (args.role ?? 'viewer'))
    if (!USERNAME.test(username))
      throw new AdminError(
        `"${username}" is no user name: 3 to 50 letters, digits, _ and -, the first a letter`,
      )
    if (!role) throw new AdminError(`role is "${args.role}"; allowed: ${ROLES.join(', ')}`)
    const weakness = passwordWeakness(password)
    if (weakness) throw new AdminError(`the password ${weakness}`)
    const email = args.email ?? `${username.toLowerCase()}@localhost`
    if (store.users.find(username) || store.users.find(email)) throw new AdminError(`user ${username} exists`)
    const password_hash = await hashPassword(password)
    const user = await store.group.run(() => {
      const added = store.users.insert({ username, email, full_name: null, password_hash, role }, now())
      store.auditLogs.insert(done('user_created', { id: added.id, username, role }), now())
      return added
    })
    return { id: user.id, username: user.username, role: user.role }
  },
  async 'user.passwd'({ store, now }, args) {
    const user = existing(store, args)
    const password = word(args, 'password')
    const weakness = passwordWeakness(password)
    if (weakness) throw new AdminError(`the password ${weakness}`)
    const password_hash = await hashPassword(password)
    await store.group.run(() => {
      store.users.update(
        user,
        {
          password_hash,
          token_version: user.token_version + 1,
          session_version: user.session_version + 1,
        },
        now(),
      )
      store.auditLogs.insert(done('password_reset', { id: user.id, username: user.username }), now())
    })
    return { id: user.id, username: user.username, sessions_ended: true }
  },
  async 'token.issue'({ store, now, secret }, args) {
    const user = existing(store, args)
    if (!user.is_active) throw new AdminError(`user ${user.username} is not active`)
    const seconds = Number(word(args, 'seconds'))
    const tokens = createTokens({
      secret: secret(),
      userOf: store.users.get,
      revoked: store.revokedTokens.find,
      now,
    })
    const { id, username } = user
    store.auditLogs.note(done('token_issued', { id, username, seconds }), now())
    return {
      token: await tokens.access(user, seconds),
      username: user.username,
      role: user.role,
      expires_at: new Date(now() + seconds * 1000).toISOString(),
    }
  },
  async 'user.list'({ store }) {
    return store.users.list().map(({ id, username, email, role, is_active }) => ({
      id,
      username,
      email,
      role,
      is_active: is_active === 1,
    }))
  },
}
