/**
 * How the dashboard is built: Vue components compiled ahead of time, no inline script, style or data URL, so
 * that the result runs under `default-src 'self'`. The files land in dist/dashboard, named by their content; the
 * service worker is told their names, and each is compressed here, so that the server never has to.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const outDir = here('dist/dashboard')
const WORKER = 'worker.js'

const builtFiles = (): string[] =>
  readdirSync(outDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(outDir, join(entry.parentPath, entry.name)))
    .sort()

/** Puts the list of the files in front of the service worker; a name for all of them is that of its cache. */
function listFiles(): void {
  const files = builtFiles().filter((file) => file !== WORKER && file !== 'index.html')
  const build = createHash('sha256')
  for (const file of ['index.html', ...files]) build.update(file).update(readFileSync(join(outDir, file)))
  const list = JSON.stringify(files.map((file) => `/${file}`))
  const head = `const FILES=${list},BUILD="${build.digest('hex').slice(0, 16)}";\n`
  const worker = join(outDir, WORKER)
  writeFileSync(worker, head + readFileSync(worker, 'utf8'))
}

const COMPRESSED = new Set(['.html', '.js', '.css', '.svg', '.webmanifest'])
/** What fits into one packet anyway is left as it is. */
const SMALL = 1024

function compressFiles(): void {
  for (const file of builtFiles().filter((name) => COMPRESSED.has(extname(name)))) {
    const path = join(outDir, file)
    const bytes = readFileSync(path)
    if (bytes.length < SMALL) continue
    writeFileSync(
      `${path}.br`,
      brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    )
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  }
}

const finish = (): Plugin => ({
  name: 'kaiser-finish',
  apply: 'build',
  closeBundle() {
    listFiles()
    compressFiles()
  },
})

export default defineConfig({
  root: here('realtime/dashboard'),
  base: '/',
  plugins: [vue({ features: { optionsAPI: false } }), finish()],
  // What the page does not use of its libraries is left out of it.
  define: {
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      checks: { pluginTimings: false },
      input: {
        index: here('realtime/dashboard/index.html'),
        worker: here('realtime/dashboard/worker/worker.ts'),
      },
      output: {
        entryFileNames: ({ name }) => (name === 'worker' ? WORKER : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: {
    proxy: { '/api': { target: process.env.KAISER_ORIGIN ?? 'http://127.0.0.1:8000', ws: true } },
  },
})
