/**
 * The dashboard starts here: one Vue application on one element, in the language of the browser. A failure inside a
 * component is logged and leaves the rest of the page alive.
 */
import { createApp } from 'vue'
import App from './App.vue'
import { keepFiles } from './offline.js'
import { router } from './router.js'
import './theme.js'
import { judgeFields } from './validity.js'
import { preferred, speak, words } from './words/index.js'
import './theme.css'
import './style.css'
import './shapes.css'

const app = createApp(App)
app.config.errorHandler = (error) => console.error(error)
judgeFields(document)
app.use(words).use(router)
await speak(preferred(), false)
app.mount('#app')
// The page first, then its files for another day.
window.setTimeout(keepFiles, 2000)
