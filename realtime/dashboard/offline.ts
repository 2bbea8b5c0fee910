/**
 * Whether this page opens when the box is away: the service worker that keeps its files, and the last known values
 * that it keeps itself. Browsers allow a service worker over HTTPS or on localhost only; elsewhere pages say so.
 */
import { reactive } from 'vue'

export interface Offline {
  /**
   * `insecure`: the address is plain HTTP. `unsupported`: this browser has none, or forbids it. `failed`: it could
   * not be installed, for want of space for instance.
   */
  worker: 'off' | 'insecure' | 'unsupported' | 'starting' | 'ready' | 'failed'
  /** A new build of the page waits for a reload. */
  update: boolean
  /** When the last known values were kept, ms; null when they are not. */
  kept_at: number | null
  /** Devices that are not among them: more are kept by no browser of ours. */
  left_out: number
  /** Why they are not kept: no space left, or the browser keeps nothing. */
  fault: '' | 'full' | 'denied'
}

export const offline = reactive<Offline>({
  worker: 'off',
  update: false,
  kept_at: null,
  left_out: 0,
  fault: '',
})

const LOOK_AGAIN = 3_600_000
let registration: ServiceWorkerRegistration | undefined
let isTaking = false

/** Another build is there as soon as it is installed beside the one that serves this page. */
function watch(found: ServiceWorkerRegistration): void {
  const { serviceWorker } = navigator
  const look = (): void => {
    if (found.active) offline.worker = 'ready'
    if (found.waiting && serviceWorker.controller) offline.update = true
  }
  const follow = (installing: ServiceWorker | null): void =>
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'redundant' && !found.active) offline.worker = 'failed'
      look()
    })
  look()
  follow(found.installing)
  found.addEventListener('updatefound', () => follow(found.installing))
  const hadOne = serviceWorker.controller !== null
  serviceWorker.addEventListener('controllerchange', () => {
    if (isTaking) location.reload()
    // Another tab took the new build: this one still runs the old.
    else if (hadOne) offline.update = true
  })
}

/** Has the browser keep the files of the page; the page works without it. */
export async function keepFiles(): Promise<void> {
  if (!import.meta.env.PROD || offline.worker !== 'off') return
  if (!window.isSecureContext) {
    offline.worker = 'insecure'
    return
  }
  if (!('serviceWorker' in navigator)) {
    offline.worker = 'unsupported'
    return
  }
  offline.worker = 'starting'
  try {
    registration = await navigator.serviceWorker.register('/worker.js', { updateViaCache: 'none' })
    watch(registration)
    setInterval(lookForUpdate, LOOK_AGAIN)
  } catch (error) {
    offline.worker =
      error instanceof DOMException && error.name === 'SecurityError' ? 'unsupported' : 'failed'
  }
}

/** Asks the box whether it has another build of this page; whoever comes back may find a newer kaiser. */
export const lookForUpdate = (): void => void registration?.update().catch(() => {})

/** Goes over to the new build. */
export function takeUpdate(): void {
  isTaking = true
  if (registration?.waiting) registration.waiting.postMessage('take over')
  else location.reload()
}
