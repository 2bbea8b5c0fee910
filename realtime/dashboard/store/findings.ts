/** What kaiser noticed about devices; asked for again and again while somebody looks, for hardly an event tells of it. */
import { shallowRef } from 'vue'
import { call } from '../api.js'
import { createReloading } from '../reloading.js'

export interface Finding {
  kind: string
  /** What it means and what to do, in English. */
  sentence: string
  /** Device or client id. */
  esp_id: string
  count: number
  first_at: string
  last_at: string
}

/** Latest first. */
export const findings = shallowRef<readonly Finding[]>([])

const EVERY = 60_000

const reloading = createReloading(async () => {
  const { data } = await call<{ data: Finding[] }>('GET', '/findings')
  return () => {
    findings.value = data
  }
})

let watching = 0

/** Something was heard that is a finding now: read again shortly, where somebody looks. */
export function findingsSoon(): void {
  if (watching > 0) reloading.soon(1000)
}

/** Reads them now and every minute. Returns how to stop. */
export function watchFindings(): () => void {
  watching++
  void reloading.load()
  const timer = setInterval(() => document.visibilityState === 'visible' && reloading.load(), EVERY)
  return () => {
    watching--
    clearInterval(timer)
  }
}

export function forgetFindings(): void {
  reloading.forget()
  findings.value = []
}
