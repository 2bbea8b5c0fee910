/**
 * Where this browser keeps its pair of tokens. They are read from localStorage each time, so that several
 * tabs share one session and none of them uses a pair that another has already renewed.
 */
import type { Tokens } from './rest.js'

const ACCESS = 'kaiser_access_token'
const REFRESH = 'kaiser_refresh_token'

export const tokens = {
  access: (): string | null => localStorage.getItem(ACCESS),
  refresh: (): string | null => localStorage.getItem(REFRESH),
  keep(pair: Tokens): void {
    localStorage.setItem(ACCESS, pair.access_token)
    localStorage.setItem(REFRESH, pair.refresh_token)
  },
  forget(): void {
    localStorage.removeItem(ACCESS)
    localStorage.removeItem(REFRESH)
  },
}

/** Another tab has ended the session that all tabs share. */
export const onLoggedOutElsewhere = (tell: () => void): void =>
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key === REFRESH && newValue === null) tell()
  })
