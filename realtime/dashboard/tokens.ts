/**
 * Where this browser keeps its pair of tokens. They are read from localStorage each time, so that several
 * tabs share one session and none of them uses a pair that another has already renewed. Where the storage is full or
 * forbidden, the session lasts as long as this page.
 */
import type { Tokens } from './rest.js'

const ACCESS = 'kaiser_access_token'
const REFRESH = 'kaiser_refresh_token'

/** What the storage did not take. */
let held: Tokens | undefined

const drop = (): void => {
  localStorage.removeItem(ACCESS)
  localStorage.removeItem(REFRESH)
}

export const tokens = {
  access: (): string | null => held?.access_token ?? localStorage.getItem(ACCESS),
  refresh: (): string | null => held?.refresh_token ?? localStorage.getItem(REFRESH),
  keep(pair: Tokens): void {
    held = undefined
    try {
      localStorage.setItem(ACCESS, pair.access_token)
      localStorage.setItem(REFRESH, pair.refresh_token)
    } catch {
      // Half a pair would be a session that cannot be renewed.
      drop()
      held = pair
    }
  },
  forget(): void {
    held = undefined
    drop()
  },
}

/** Another tab has ended the session that all tabs share. */
export const onLoggedOutElsewhere = (tell: () => void): void =>
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key === REFRESH && newValue === null) tell()
  })
