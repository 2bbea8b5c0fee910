/**
 * Who is in front of this page, and which of the four pages that means: setup, login, live, or a note that the
 * server does not answer yet. It keeps asking until it does; meanwhile somebody who was logged in here sees the last
 * known.
 */
import { computed, reactive } from 'vue'
import { ApiError, call, callOpenly, onSessionEnded } from './api.js'
import { offline } from './offline.js'
import type { AuthStatus, Tokens, User } from './rest.js'
import { forgetRecord, read } from './store/record.js'
import { onLoggedOutElsewhere, tokens } from './tokens.js'
import type { WordKey } from './words/index.js'

interface Session {
  phase: 'starting' | 'unreachable' | 'setup' | 'login' | 'live'
  /** The box did not answer yet: who this is, and what is shown, is what this browser remembers. */
  remembered: boolean
  status: AuthStatus | undefined
  user: User | undefined
  /** A sentence for the login page: why somebody who was logged in is asked again. */
  notice: WordKey | ''
}

export const session = reactive<Session>({
  phase: 'starting',
  remembered: false,
  status: undefined,
  user: undefined,
  notice: '',
})

const STANDING = { viewer: 0, operator: 1, admin: 2 } as const
const AGAIN = 3000
/** A box that is switched off does not even refuse; people need not look at nothing meanwhile. */
const PATIENCE = 2500

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
  const patience = setTimeout(() => session.phase === 'starting' && remember(), PATIENCE)
  try {
    // Both at once: a page that comes back has one way to wait for less.
    const asked = tokens.access() || tokens.refresh() ? call<User>('GET', '/auth/me') : undefined
    asked?.catch(() => {})
    session.status = await callOpenly<AuthStatus>('GET', '/auth/status')
    if (session.status.setup_required) {
      tokens.forget()
      go('setup')
    } else if (asked) {
      session.user = await asked
      go('live')
    } else {
      go('login')
    }
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403))
      return leave(reasonOf(error))
    await remember()
    setTimeout(start, AGAIN)
  } finally {
    clearTimeout(patience)
  }
}

function go(phase: Session['phase']): void {
  session.phase = phase
  session.remembered = false
}

/** Nobody answers: whoever was logged in here sees what was known last. */
async function remember(): Promise<void> {
  if (session.remembered) return
  const { phase } = session
  const kept = tokens.refresh() ? await read() : undefined
  // The box answered meanwhile, or somebody went.
  if (session.phase !== phase) return
  session.user = kept?.user
  session.remembered = kept !== undefined
  session.phase = kept ? 'live' : 'unreachable'
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
  go('live')
  if (session.status) session.status.setup_required = false
}

/** The address stays: who logs in again is where they were. */
function leave(notice: Session['notice']): void {
  tokens.forget()
  offline.kept_at = null
  void forgetRecord()
  session.user = undefined
  session.notice = notice
  go('login')
}

const reasonOf = ({ beside }: ApiError): WordKey =>
  beside.code === 'account_inactive' ? 'entrance.inactive' : 'entrance.session_ended'

onSessionEnded((error) => leave(reasonOf(error)))
onLoggedOutElsewhere(() => {
  if (session.phase === 'live') leave('')
})
