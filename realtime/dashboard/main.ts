/**
 * The dashboard starts here: one Vue application on one element. A failure inside a component is logged and
 * leaves the rest of the page alive.
 */
import { createApp } from 'vue'
import App from './App.vue'
import './theme.css'
import './style.css'

const app = createApp(App)
app.config.errorHandler = (error) => console.error(error)
app.mount('#app')
