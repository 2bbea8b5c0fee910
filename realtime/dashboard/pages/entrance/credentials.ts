/**
 * The rules for names and passwords of people, as the server has them, so that a form can say what is missing
 * before it is sent. The server decides.
 */

const passwordRules: readonly [RegExp, string][] = [
  [/[A-Z]/, 'an upper-case letter'],
  [/[a-z]/, 'a lower-case letter'],
  [/\d/, 'a digit'],
  [/[!@#$%^&*()_+\-=[\]{}|;:,.<>?"]/, 'a special character such as ! # - or _'],
]

/** What a password lacks, as a sentence; empty when it will do. */
export function passwordFault(password: string): string {
  if (password.length < 8 || password.length > 128) return 'Use 8 to 128 characters.'
  const missing = passwordRules.filter(([pattern]) => !pattern.test(password)).map(([, name]) => name)
  return missing.length === 0 ? '' : `Still missing: ${missing.join(', ')}.`
}

/** What is wrong with a user name, as a sentence; empty when it will do. */
export function usernameFault(username: string): string {
  if (username.length < 3 || username.length > 50) return 'Use 3 to 50 characters.'
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(username)
    ? ''
    : 'Start with a letter; then letters, digits, _ and - only.'
}
