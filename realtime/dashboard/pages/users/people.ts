/** The accounts as REST has them, and what can be said against an entry before it is sent. The server decides. */
import { call } from '../../api.js'
import type { User } from '../../rest.js'
import { t } from '../../words/index.js'

export interface Person extends User {
  created_at: string
  updated_at: string
}

export const listPeople = async (): Promise<Person[]> =>
  (await call<{ users: Person[] }>('GET', '/users')).users

/** What people are called here: their name, else their user name. */
export const nameOf = ({ full_name, username }: User): string => full_name || username

const rules: Readonly<Record<'username' | 'email' | 'password', (text: string) => boolean>> = {
  username: (text) => /^[A-Za-z][A-Za-z0-9_-]{2,49}$/.test(text),
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text) && text.length <= 254,
  password: (text) =>
    text.length >= 8 && text.length <= 128 && [/[A-Z]/, /[a-z]/, /\d/].every((needed) => needed.test(text)),
}

/** What an entry lacks, as a sentence; empty when it will do. */
export const faultOf = (rule: keyof typeof rules, text: string): string =>
  rules[rule](text) ? '' : t(`users.faults.${rule}`)

/** The sentences of those fields that have one. */
export const faultsIn = (sentences: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sentences).filter(([, sentence]) => sentence !== ''))
