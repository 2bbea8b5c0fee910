/**
 * Accounts of people, as REST shows and takes them: one shape of a user, the rules for names, addresses and
 * passwords, and making a new one. rest-contract §2, §3, §4
 */
import Type, { type Static } from 'typebox'
import { hashPassword, passwordLack } from '../routing/passwords.js'
import type { Store } from '../storage/store.js'
import type { User } from '../storage/users.js'
import { Problem } from './problem.js'
import { given, nullable, Time } from './shapes.js'
import { wrongField } from './validate.js'
import { iso } from './web.js'

export const RoleName = Type.Union(
  [Type.Literal('viewer'), Type.Literal('operator'), Type.Literal('admin')],
  {
    description: 'viewer reads, operator also acts, admin also rules over people and settings',
  },
)
export const Username = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_-]{2,49}$',
  description: '3 to 50 letters, digits, _ and -, starting with a letter; case does not matter',
})
export const Email = Type.String({
  pattern: '^[^\\s@]+@[^\\s@]+$',
  maxLength: 254,
  description: 'e-mail address',
})
export const FullName = Type.String({ maxLength: 100 })
/** A password that is being chosen. */
export const StrongPassword = Type.String({
  minLength: 8,
  maxLength: 128,
  description: 'with an upper-case letter, a lower-case letter, a digit and a special character',
})
/** A password that is being chosen with less ceremony. */
export const NewPassword = Type.String({
  minLength: 8,
  maxLength: 128,
  description: 'with an upper-case letter, a lower-case letter and a digit',
})

export const UserBody = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  email: Type.String(),
  full_name: nullable(Type.String()),
  role: RoleName,
  is_active: Type.Boolean({ description: 'false: cannot log in, and tokens are refused' }),
  created_at: Time,
  updated_at: Time,
})

/** A user as the pages know one. */
export const userBody = (user: User): Static<typeof UserBody> => ({
  id: user.id,
  username: user.username,
  email: user.email,
  full_name: user.full_name,
  role: user.role,
  is_active: user.is_active === 1,
  created_at: iso(user.created_at)!,
  updated_at: iso(user.updated_at)!,
})

/** What an account is made from. */
export const NewAccount = Type.Object({
  username: Username,
  email: Email,
  password: NewPassword,
  full_name: given(FullName),
  role: Type.Optional(RoleName),
})

/** The hash of a new password. Throws Problem (422) that says what the password lacks. */
export async function hashed(field: string, password: string, special: boolean): Promise<string> {
  const lack = passwordLack(password, special)
  if (lack) throw wrongField(field, lack.msg, '', 'body', { code: lack.code, facts: {} })
  return hashPassword(password)
}

/** Throws Problem (409) when somebody else has this name or address. Inside the group, so that it stays true. */
export function untaken(store: Store, what: 'User name' | 'E-mail address', name: string, id?: number): void {
  const owner = store.users.find(name)
  if (owner && owner.id !== id) throw new Problem('already_exists', `${what} ${name} is taken`)
}

/** Makes an account in the group. Throws Problem (409). */
export function openAccount(
  store: Store,
  { username, email, full_name, role = 'viewer' }: Omit<Static<typeof NewAccount>, 'password'>,
  password_hash: string,
  now: number,
): User {
  untaken(store, 'User name', username)
  untaken(store, 'E-mail address', email)
  return store.users.insert({ username, email, full_name: full_name || null, role, password_hash }, now)
}
