/**
 * How the dashboard is built: Vue components compiled ahead of time, no inline script, style or data URL, so
 * that the result runs under `default-src 'self'`. The files land in dist/dashboard, named by their content.
 */
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('realtime/dashboard'),
  base: '/',
  plugins: [vue({ features: { optionsAPI: false } })],
  // What the page does not use of its libraries is left out of it.
  define: {
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir: here('dist/dashboard'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { '/api': { target: process.env.KAISER_ORIGIN ?? 'http://127.0.0.1:8000', ws: true } },
  },
})
