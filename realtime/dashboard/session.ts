/**
 * Who is in front of this page, and which of the four pages that means: setup, login, live, or a note that the
 * server does not answer yet. It keeps asking until it does.
 */
import { computed, reactive } from 'vue'
import { ApiError, call, callOpenly, onSessionEnded } from './api.js'
import type { AuthStatus, Tokens, User } from './rest.js'
import { tokens } from './tokens.js'
import { t } from './words/index.js'

interface Session {
  phase: 'starting' | 'unreachable' | 'setup' | 'login' | 'live'
  status: AuthStatus | undefined
  user: User | undefined
  /** A sentence for the login page: why somebody who was logged in is asked again. */
  notice: string
}

export const session = reactive<Session>({
  phase: 'starting',
  status: undefined,
  user: undefined,
  notice: '',
})

const STANDING = { viewer: 0, operator: 1, admin: 2 } as const

/** Is somebody with the role `own` at least `least`? */
export const standsAt = (least: User['role'], own: User['role'] | undefined): boolean =>
  own !== undefined && STANDING[own] >= STANDING[least]

/** Viewers look; everybody else may act. */
export const mayAct = computed(() => standsAt('operator', session.user?.role))

interface Entrance {
  tokens: Tokens
  user: User
}

export interface SetupForm {
  username: string
  email: string
  password: string
  full_name?: string
}

/** Asks the server who may enter, and takes up a session that this browser already has. */
export async function start(): Promise<void> {
  try {
    session.status = await callOpenly<AuthStatus>('GET', '/auth/status')
    if (session.status.setup_required) {
      tokens.forget()
      session.phase = 'setup'
    } else if (tokens.access() || tokens.refresh()) {
      session.user = await call<User>('GET', '/auth/me')
      session.phase = 'live'
    } else {
      session.phase = 'login'
    }
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403))
      return leave(error.message)
    session.phase = 'unreachable'
    setTimeout(start, 3000)
  }
}

/** Creates the first account, an administrator, and logs it in. */
export const setUp = async (form: SetupForm): Promise<void> =>
  enter(await callOpenly<Entrance>('POST', '/auth/setup', form))

/** Logs in by user name or e-mail. */
export const logIn = async (username: string, password: string, remember_me: boolean): Promise<void> =>
  enter(await callOpenly<Entrance>('POST', '/auth/login', { username, password, remember_me }))

/** Ends the session here at once, and on the server when it can be reached. */
export function logOut(): void {
  const refresh_token = tokens.refresh()
  call('POST', '/auth/logout', { all_devices: false, ...(refresh_token ? { refresh_token } : {}) }).catch(
    () => {},
  )
  leave('')
}

function enter({ tokens: pair, user }: Entrance): void {
  tokens.keep(pair)
  session.user = user
  session.notice = ''
  session.phase = 'live'
  if (session.status) session.status.setup_required = false
}

function leave(notice: string): void {
  tokens.forget()
  session.user = undefined
  session.notice = notice
  session.phase = 'login'
}

onSessionEnded(() => leave(t('entrance.session_ended')))
