/**
 * The rules for names and passwords of people, as the server has them, so that a form can say what is missing
 * before it is sent. The server decides.
 */
import { t } from '../../words/index.js'

const passwordRules = [
  [/[A-Z]/, 'entrance.missing.upper'],
  [/[a-z]/, 'entrance.missing.lower'],
  [/\d/, 'entrance.missing.digit'],
  [/[!@#$%^&*()_+\-=[\]{}|;:,.<>?"]/, 'entrance.missing.special'],
] as const

/** What a password lacks, as a sentence; empty when it will do. */
export function passwordFault(password: string): string {
  if (password.length < 8 || password.length > 128) return t('entrance.fault_password_length')
  const missing = passwordRules.filter(([pattern]) => !pattern.test(password)).map(([, name]) => t(name))
  return missing.length === 0 ? '' : t('entrance.fault_missing', { what: missing.join(', ') })
}

/** What is wrong with a user name, as a sentence; empty when it will do. */
export function usernameFault(username: string): string {
  if (username.length < 3 || username.length > 50) return t('entrance.fault_name_length')
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(username) ? '' : t('entrance.fault_name')
}
