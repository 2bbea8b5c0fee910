/**
 * A real Chromium for tests of the dashboard, with a fresh profile each time. It is not downloaded: tests take
 * the one of the machine (CHROMIUM_PATH, or where distributions put it) and are skipped with a reason when
 * there is none.
 */
import { accessSync, constants } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export type Launched = { browser: Browser; reason?: undefined } | { browser?: undefined; reason: string }

const runnable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Starts Chromium, or says why it cannot be started. The caller closes it. */
export async function launchBrowser(): Promise<Launched> {
  const wanted = process.env.CHROMIUM_PATH
  const executablePath = (wanted ? [wanted] : USUAL).find(runnable)
  if (!executablePath) {
    return {
      reason: wanted ? `CHROMIUM_PATH ${wanted} is not runnable` : 'no Chromium here; set CHROMIUM_PATH',
    }
  }
  return { browser: await chromium.launch({ executablePath, args: ARGS }) }
}
