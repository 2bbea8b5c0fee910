// @ID@ for kaiser: one sensor, one relay. ESP-IDF 5, main/main.c of a fresh project; in its main/CMakeLists.txt:
// idf_component_register(SRCS "main.c" PRIV_REQUIRES mqtt json nvs_flash esp_wifi esp_adc esp_driver_gpio esp_timer)
// (IDF 5.2 and older: driver instead of esp_driver_gpio). Put in your Wi-Fi, idf.py flash, and watch kaiser's page.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include "cJSON.h"
#include "driver/gpio.h"
#include "esp_adc/adc_oneshot.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mqtt_client.h"
#include "nvs_flash.h"
//?tls #include "ca.h"  // tls/ca.h from the data directory of the box, beside this file
//?tls #include "esp_netif_sntp.h"
//?pair #include "nvs.h"

#define WIFI "@WIFI@"
#define WIFI_PASSWORD "@WIFI_PASSWORD@"
//?plain #define BOX "mqtt://@HOST@:@PORT@"
//?tls #define BOX "mqtts://@HOST@:@PORT@"
#define ID "@ID@"
//?own #define PASSWORD "@PASSWORD@"  // of this device alone
//?pair #define PASSWORD "@PASSWORD@"  // the claim code, good for ten minutes; then kaiser hands out a password
#define SENSOR @SENSOR@  // a capacitive soil probe, analog
#define RELAY @RELAY@
#define BASE "kaiser/@KAISER@/esp/@ID@/"

static esp_mqtt_client_handle_t mqtt;
static adc_oneshot_unit_handle_t adc;
static adc_channel_t channel;
static volatile bool connected, on, stopped;
static volatile int64_t off_at, retry_at;  // ms since boot; 0: not planned
static int64_t longest = 3600000;          // ms the relay may run at most; kaiser's configuration says how long
static uint32_t ceiling_ms = 1000;
static char fingerprint[65];               // of the configuration that holds here
//?pair static char password[64] = PASSWORD;

static int64_t uptime(void) { return esp_timer_get_time() / 1000; }

// Unix seconds, or null until the clock is right: kaiser takes the time of arrival then.
static const char *now(char text[12]) {
  time_t seconds = time(NULL);
  if (seconds > 1700000000) snprintf(text, 12, "%lu", (unsigned long)seconds);
  else strcpy(text, "null");
  return text;
}
#define NOW now((char[12]){0})

// Publishes below BASE with QoS 1: it is kept until kaiser has stored and acknowledged it.
static void say(const char *topic, const char *format, ...) {
  char path[128], text[512];
  va_list values;
  va_start(values, format);
  vsnprintf(text, sizeof text, format, values);
  va_end(values);
  snprintf(path, sizeof path, BASE "%s", topic);
  esp_mqtt_client_enqueue(mqtt, path, text, 0, 1, 0, true);
}

static void heartbeat(void) {
  wifi_ap_record_t ap = {0};
  esp_wifi_sta_get_ap_info(&ap);
  say("system/heartbeat",
      "{\"ts\":%s,\"esp_id\":\"@ID@\",\"hardware_type\":\"@BOARD@\",\"uptime\":%lu,\"heap_free\":%lu,\"wifi_rssi\":%d,"
      "\"sensor_count\":1,\"actuator_count\":1,\"config_fingerprint\":\"%s\"}",
      NOW, (unsigned long)(uptime() / 1000), (unsigned long)esp_get_free_heap_size(), ap.rssi, fingerprint);
}

// raw_mode true: "raw" is the sensor's own number, kaiser makes % of it. A value in its unit: "raw_mode":false,"value":21.5
static void measure(void) {
  int raw = 0;
  if (adc_oneshot_read(adc, channel, &raw) != ESP_OK) return;
  say("sensor/@SENSOR@/data",
      "{\"ts\":%s,\"esp_id\":\"@ID@\",\"gpio\":@SENSOR@,\"sensor_type\":\"moisture\",\"raw\":%d,\"raw_mode\":true}", NOW,
      raw);
}

static void tell_relay(void) {
  say("actuator/@RELAY@/status",
      "{\"ts\":%s,\"esp_id\":\"@ID@\",\"gpio\":@RELAY@,\"actuator_type\":\"relay\",\"state\":\"%s\",\"value\":%d}", NOW,
      on ? "on" : "off", on ? 1 : 0);
}

// Nothing runs for ever: without a duration, or with a longer one, the limit counts.
static void turn(bool wanted, double seconds) {
  on = wanted && !stopped;
  gpio_set_level(RELAY, on);
  int64_t ms = seconds > 0 && seconds * 1000 < longest ? (int64_t)(seconds * 1000) : longest;
  off_at = on ? uptime() + ms : 0;
}

static const char *text_in(const cJSON *told, const char *name) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(told, name));
  return text ? text : "";
}

static double number_in(const cJSON *told, const char *name) {
  const cJSON *item = cJSON_GetObjectItem(told, name);
  return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static void obey(const cJSON *told) {
  const char *command = text_in(told, "command");
  bool wanted = !strcmp(command, "ON") || (!strcmp(command, "TOGGLE") && !on) ||
                (!strcmp(command, "PWM") && number_in(told, "value") > 0);
  bool done = !(wanted && stopped);
  if (done) turn(wanted, number_in(told, "duration"));
  say("actuator/@RELAY@/response",
      "{\"ts\":%s,\"esp_id\":\"@ID@\",\"gpio\":@RELAY@,\"command\":\"%s\",\"value\":%d,\"success\":%s,\"message\":\"%s\","
      "\"correlation_id\":\"%s\"}",
      NOW, command, on ? 1 : 0, done ? "true" : "false", done ? "done" : "emergency stop", text_in(told, "correlation_id"));
  tell_relay();
}

static void emergency(const cJSON *told) {
  const char *command = text_in(told, "command");
  if (!strcmp(command, "emergency_stop")) {
    stopped = true;
    turn(false, 0);
    say("actuator/emergency/ack",
        "{\"ts\":%s,\"esp_id\":\"@ID@\",\"command\":\"emergency_stop\",\"gpio_count\":1,\"outcome\":\"success\"}", NOW);
    tell_relay();
  } else if (!strcmp(command, "clear_emergency")) {
    stopped = false;  // nothing is switched on by it
    say("actuator/recovery_confirm",
        "{\"ts\":%s,\"esp_id\":\"@ID@\",\"command\":\"clear_emergency\",\"state\":\"normal\"}", NOW);
  }
}

static void configured(const char *kind, const cJSON *told) {
  say("config_response",
      "{\"ts\":%s,\"esp_id\":\"@ID@\",\"status\":\"success\",\"type\":\"%s\",\"count\":1,\"failed_count\":0,"
      "\"correlation_id\":\"%s\"}",
      NOW, kind, text_in(told, "correlation_id"));
}

// Which pins it uses is written above; of the configuration it takes how long the relay may run.
static void configure(const cJSON *told) {
  const cJSON *actuators = cJSON_GetObjectItem(told, "actuators"), *one;
  cJSON_ArrayForEach(one, actuators) {
    if (number_in(one, "gpio") == RELAY && number_in(one, "max_runtime_ms") > 0)
      longest = (int64_t)number_in(one, "max_runtime_ms");
  }
  snprintf(fingerprint, sizeof fingerprint, "%s", text_in(told, "config_fingerprint"));
  if (cJSON_GetObjectItem(told, "sensors")) configured("sensor", told);
  if (actuators) configured("actuator", told);
  heartbeat();
}

// The answer to a heartbeat has the box's time: no time server is needed.
static void set_clock(const cJSON *told) {
  struct timeval right = {.tv_sec = (time_t)number_in(told, "server_time")};
  if (right.tv_sec > 0 && fabs(difftime(right.tv_sec, time(NULL))) >= 3) settimeofday(&right, NULL);
}
//?pair
//?pair // kaiser lets it in: this password is its own from now on, and the broker closes the connection.
//?pair static void keep_password(const cJSON *told) {
//?pair   nvs_handle_t kept;
//?pair   if (!*text_in(told, "password") || nvs_open("kaiser", NVS_READWRITE, &kept) != ESP_OK) return;
//?pair   nvs_set_str(kept, "password", text_in(told, "password"));
//?pair   nvs_commit(kept);
//?pair   nvs_close(kept);
//?pair   esp_restart();
//?pair }

static void heard(const char *topic, int topic_len, const char *data, int len) {
  char what[96];
  int base = strlen(BASE);
  if (topic_len <= base) return;
  snprintf(what, sizeof what, "%.*s", topic_len - base, topic + base);
  cJSON *told = cJSON_ParseWithLength(data, len);
  if (!told) return;
  if (!strcmp(what, "actuator/@RELAY@/command")) obey(told);
  else if (!strcmp(what, "actuator/emergency")) emergency(told);
  else if (!strcmp(what, "config")) configure(told);
  else if (!strcmp(what, "system/heartbeat/ack")) set_clock(told);
//?pair   else if (!strcmp(what, "mqtt/auth_update")) keep_password(told);
  cJSON_Delete(told);
}

static void on_mqtt(void *arg, esp_event_base_t base, int32_t id, void *data) {
  esp_mqtt_event_handle_t event = data;
  if (id == MQTT_EVENT_CONNECTED) {
    connected = true;
    ceiling_ms = 1000;
    esp_mqtt_client_subscribe(mqtt, BASE "actuator/@RELAY@/command", 1);
    esp_mqtt_client_subscribe(mqtt, BASE "actuator/emergency", 1);
    esp_mqtt_client_subscribe(mqtt, BASE "config", 1);
    esp_mqtt_client_subscribe(mqtt, BASE "system/heartbeat/ack", 1);
//?pair     esp_mqtt_client_subscribe(mqtt, BASE "mqtt/auth_update", 1);
    heartbeat();
    tell_relay();
  } else if (id == MQTT_EVENT_DISCONNECTED) {
    // Waits longer after each failure, up to a minute, and never as long as all the others: they come back together.
    connected = false;
    retry_at = uptime() + ceiling_ms / 2 + esp_random() % (ceiling_ms / 2);
    if (ceiling_ms < 60000) ceiling_ms *= 2;
  } else if (id == MQTT_EVENT_ERROR && event->error_handle->error_type == MQTT_ERROR_TYPE_CONNECTION_REFUSED) {
    ESP_LOGW("kaiser", "refused: %d", event->error_handle->connect_return_code);  // 4: wrong password, 5: not let in
  } else if (id == MQTT_EVENT_DATA && event->data_len == event->total_data_len) {
    heard(event->topic, event->topic_len, event->data, event->data_len);
  }
}

static void on_wifi(void *arg, esp_event_base_t base, int32_t id, void *data) {
  if (id == WIFI_EVENT_STA_START || id == WIFI_EVENT_STA_DISCONNECTED) esp_wifi_connect();
}

static void start_wifi(void) {
  ESP_ERROR_CHECK(nvs_flash_init());
  ESP_ERROR_CHECK(esp_netif_init());
  ESP_ERROR_CHECK(esp_event_loop_create_default());
  esp_netif_create_default_wifi_sta();
  wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
  ESP_ERROR_CHECK(esp_wifi_init(&init));
  ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi, NULL));
  wifi_config_t wifi = {.sta = {.ssid = WIFI, .password = WIFI_PASSWORD}};
  ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
  ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &wifi));
  ESP_ERROR_CHECK(esp_wifi_start());
}

static void start_mqtt(void) {
//?pair   nvs_handle_t kept;
//?pair   size_t size = sizeof password;
//?pair   if (nvs_open("kaiser", NVS_READONLY, &kept) == ESP_OK) {
//?pair     nvs_get_str(kept, "password", password, &size);
//?pair     nvs_close(kept);
//?pair   }
  esp_mqtt_client_config_t config = {
      .broker.address.uri = BOX,
//?tls       .broker.verification.certificate = KAISER_CA_PEM,
      .credentials.client_id = ID,
      .credentials.username = ID,
//?own       .credentials.authentication.password = PASSWORD,
//?pair       .credentials.authentication.password = password,
      .session.keepalive = 30,
      // Its will: the broker says it as soon as the connection breaks.
      .session.last_will = {.topic = BASE "system/will",
                            .msg = "{\"esp_id\":\"@ID@\",\"status\":\"offline\",\"reason\":\"unexpected_disconnect\"}",
                            .qos = 1,
                            .retain = 1},
      .network.disable_auto_reconnect = true,  // app_main waits with jitter
      .buffer.size = 4352,                     // a configuration has up to 4096 bytes
  };
  mqtt = esp_mqtt_client_init(&config);
  esp_mqtt_client_register_event(mqtt, ESP_EVENT_ANY_ID, on_mqtt, NULL);
  esp_mqtt_client_start(mqtt);
}

void app_main(void) {
  gpio_set_direction(RELAY, GPIO_MODE_OUTPUT);
  gpio_set_level(RELAY, 0);
  adc_unit_t unit;
  ESP_ERROR_CHECK(adc_oneshot_io_to_channel(SENSOR, &unit, &channel));
  adc_oneshot_unit_init_cfg_t of_unit = {.unit_id = unit};
  adc_oneshot_chan_cfg_t of_channel = {.atten = ADC_ATTEN_DB_12, .bitwidth = ADC_BITWIDTH_12};
  ESP_ERROR_CHECK(adc_oneshot_new_unit(&of_unit, &adc));
  ESP_ERROR_CHECK(adc_oneshot_config_channel(adc, channel, &of_channel));
  start_wifi();
//?tls   esp_sntp_config_t clock = ESP_NETIF_SNTP_DEFAULT_CONFIG("pool.ntp.org");
//?tls   esp_netif_sntp_init(&clock);  // certificates have dates: the clock has to be right before
//?tls   while (time(NULL) < 1700000000) vTaskDelay(pdMS_TO_TICKS(200));
  start_mqtt();
  for (int64_t beat = uptime(), measured = uptime() - 27000;; vTaskDelay(pdMS_TO_TICKS(50))) {
    int64_t at = uptime();
    if (off_at && at >= off_at) {
      turn(false, 0);
      tell_relay();
    }
    if (!connected) {
      if (retry_at && at >= retry_at) {
        retry_at = 0;
        esp_mqtt_client_reconnect(mqtt);
      }
      continue;
    }
    if (at - beat >= 60000) {
      beat = at;
      heartbeat();
    }
    if (at - measured >= 30000) {
      measured = at;
      measure();
    }
  }
}
