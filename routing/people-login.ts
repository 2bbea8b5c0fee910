/**
 * Logs people in with user name and password. A name nobody has costs as much time as a wrong password. Whoever
 * logged in a moment ago is recognised by a keyed hash, so that a reconnect costs nothing; a new password, another
 * role or a disabled account ends that.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { User, Users } from '../storage/users.js'
import type { PasswordChecks } from './password-checks.js'
import { hashPassword } from './passwords.js'

/** How long somebody is recognised, ms; how many are. */
const RECOGNISED_MS = 600_000
const RECOGNISED = 1_000
const LONGEST_PASSWORD = 128

/** A hash nobody has the password of. */
const NOBODY = await hashPassword(crypto.randomUUID())

export interface PeopleLogin {
  /** Calls back with the user, with `wrong`, or with `busy` when it could not be checked. */
  login(
    username: string,
    password: string,
    address: string,
    done: (who: User | 'wrong' | 'busy') => void,
  ): void
}

export function createPeopleLogin(
  users: Users,
  checks: PasswordChecks,
  monotonic: () => number,
): PeopleLogin {
  const key = randomBytes(32)
  const recognised = new Map<number, { mark: Buffer; until: number }>()

  const markOf = ({ password_hash, token_version }: User, password: string): Buffer =>
    createHmac('sha256', key).update(`${password_hash}\n${token_version}\n${password}`).digest()

  const recognises = (user: User, password: string): boolean => {
    const known = recognised.get(user.id)
    return (
      known !== undefined && known.until > monotonic() && timingSafeEqual(known.mark, markOf(user, password))
    )
  }

  const remember = (user: User, password: string): void => {
    recognised.delete(user.id)
    recognised.set(user.id, { mark: markOf(user, password), until: monotonic() + RECOGNISED_MS })
    if (recognised.size > RECOGNISED) recognised.delete(recognised.keys().next().value!)
  }

  return {
    login(username, password, address, done) {
      const user = users.find(username)
      if (password.length > LONGEST_PASSWORD) return done('wrong')
      if (user?.is_active && recognises(user, password)) return done(user)
      const lane = `${address} ${user?.id ?? ''}`
      checks.check(lane, password, user?.password_hash ?? NOBODY, (right) => {
        if (right === undefined) return done('busy')
        // It took a while: what counts is who they are now.
        const current = user && users.get(user.id)
        if (!right || !current?.is_active || current.password_hash !== user?.password_hash)
          return done('wrong')
        remember(current, password)
        done(current)
      })
    },
  }
}
