/**
 * What the command line can ask of a store, running or not: the same small functions, called inside the
 * server over its socket, or on a database that nobody serves. Each returns plain JSON.
 */
import { hashPassword, passwordWeakness } from '../routing/passwords.js'
import { approve, register, reject, remove } from '../routing/registry.js'
import type { Store } from '../storage/store.js'
import type { Role } from '../storage/users.js'

/** What was asked cannot be done; the message says why. */
export class AdminError extends Error {
  override name = 'AdminError'
}

export interface AdminContext {
  store: Store
  now: () => number
}

type Args = Readonly<Record<string, string | null>>
type Operation = (context: AdminContext, args: Args) => Promise<unknown>

const who = 'command line'

const word = (args: Args, name: string): string => {
  const value = args[name]
  if (!value) throw new AdminError(`${name} is required`)
  return value
}

const USERNAME = /^[A-Za-z][A-Za-z0-9_-]{2,49}$/
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']

const deviceLine = (device: ReturnType<Store['devices']['list']>[number]) => ({
  device_id: device.device_id,
  status: device.status,
  hardware_type: device.hardware_type,
  name: device.name,
  last_seen: device.last_seen === null ? null : new Date(device.last_seen).toISOString(),
})

export const operations: Readonly<Record<string, Operation>> = {
  async 'device.add'({ store, now }, args) {
    const { device, credentials } = await store.group.run(() =>
      register(store, word(args, 'device_id'), { name: args.name ?? null }, who, now()),
    )
    return { ...deviceLine(device), ...credentials }
  },
  async 'device.approve'({ store, now }, args) {
    const { device, credentials } = await store.group.run(() =>
      approve(store, word(args, 'device_id'), who, now()),
    )
    return { ...deviceLine(device), ...credentials }
  },
  async 'device.reject'({ store, now }, args) {
    return deviceLine(
      await store.group.run(() => reject(store, word(args, 'device_id'), args.reason ?? null, now())),
    )
  },
  async 'device.remove'({ store }, args) {
    await store.group.run(() => remove(store, word(args, 'device_id')))
    return { device_id: args.device_id, removed: true }
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
    const user = await store.group.run(() =>
      store.users.insert({ username, email, full_name: null, password_hash, role }, now()),
    )
    return { id: user.id, username: user.username, role: user.role }
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
