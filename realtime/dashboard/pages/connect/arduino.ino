// @ID@ for kaiser: one sensor, one relay. Arduino IDE with the boards "esp32" by Espressif and the libraries
// PubSubClient (Nick O'Leary) and ArduinoJson (Benoit Blanchon). Put in your Wi-Fi, upload, and watch kaiser's page.
#include <ArduinoJson.h>
#include <PubSubClient.h>
#include <WiFi.h>
#include <sys/time.h>
//?tls #include <WiFiClientSecure.h>
//?tls #include "ca.h"  // tls/ca.h from the data directory of the box, as a tab of this sketch
//?pair #include <Preferences.h>

const char *WIFI = "@WIFI@", *WIFI_PASSWORD = "@WIFI_PASSWORD@";
const char *BOX = "@BOX@", *ID = "@ID@";
const int PORT = @PORT@;
//?own const char *PASSWORD = "@PASSWORD@";  // of this device alone
//?pair const char *CLAIM_CODE = "@PASSWORD@";  // good for ten minutes; then kaiser hands out a password
const int SENSOR = @SENSOR@;  // a capacitive soil probe, analog
const int RELAY = @RELAY@;
#define BASE "kaiser/@KAISER@/esp/@ID@/"

//?plain WiFiClient net;
//?tls WiFiClientSecure net;
PubSubClient mqtt(net);
bool on = false, stopped = false;
uint32_t offAt = 0;          // when the relay goes off by itself, millis(); 0: it is off
uint32_t longest = 3600000;  // ms it may run at most; kaiser's configuration says how long
uint32_t beat = 0, measured = 0, attempt = 0, backoff = 0, ceiling_ms = 1000;
String fingerprint;          // of the configuration that holds here
//?pair Preferences kept;
//?pair String password;

// Unix seconds, or null until the clock is right: kaiser takes the time of arrival then.
String now() {
  time_t seconds = time(nullptr);
  return seconds > 1700000000 ? String((unsigned long)seconds) : String("null");
}

// Publishes below BASE. PubSubClient knows QoS 0 only; what must not be lost wants esp-mqtt.
void say(const char *topic, const char *format, ...) {
  char json[512];
  va_list values;
  va_start(values, format);
  vsnprintf(json, sizeof json, format, values);
  va_end(values);
  mqtt.publish((String(BASE) + topic).c_str(), json);
}

void heartbeat() {
  say("system/heartbeat",
      "{\"ts\":%s,\"esp_id\":\"@ID@\",\"hardware_type\":\"@BOARD@\",\"uptime\":%lu,\"heap_free\":%lu,"
      "\"wifi_rssi\":%d,\"sensor_count\":1,\"actuator_count\":1,\"config_fingerprint\":\"%s\"}",
      now().c_str(), millis() / 1000UL, (unsigned long)ESP.getFreeHeap(), (int)WiFi.RSSI(),
      fingerprint.c_str());
}

// raw_mode true: "raw" is the sensor's own number, kaiser makes % of it. A value in its unit: "raw_mode":false,"value":21.5
void measure() {
  say("sensor/@SENSOR@/data",
      "{\"ts\":%s,\"esp_id\":\"@ID@\",\"gpio\":@SENSOR@,\"sensor_type\":\"moisture\",\"raw\":%d,"
      "\"raw_mode\":true}",
      now().c_str(), analogRead(SENSOR));
}

void tellRelay() {
  say("actuator/@RELAY@/status",
      "{\"ts\":%s,\"esp_id\":\"@ID@\",\"gpio\":@RELAY@,\"actuator_type\":\"relay\",\"state\":\"%s\",\"value\":%d}", now().c_str(),
      on ? "on" : "off", on ? 1 : 0);
}

// Nothing runs for ever: without a duration, or with a longer one, the limit counts.
void turn(bool wanted, double seconds) {
  on = wanted && !stopped;
  digitalWrite(RELAY, on ? HIGH : LOW);
  uint32_t ms = seconds > 0 && seconds < longest / 1000.0 ? (uint32_t)(seconds * 1000) : longest;
  offAt = on ? (millis() + ms) | 1 : 0;
}

void obey(JsonDocument &told) {
  String command = told["command"] | "";
  bool wanted = command == "ON" || (command == "TOGGLE" && !on) || (command == "PWM" && (told["value"] | 0.0) > 0);
  bool done = !(wanted && stopped);
  if (done) turn(wanted, told["duration"] | 0.0);
  say("actuator/@RELAY@/response",
      "{\"ts\":%s,\"esp_id\":\"@ID@\",\"gpio\":@RELAY@,\"command\":\"%s\",\"value\":%d,\"success\":%s,\"message\":\"%s\","
      "\"correlation_id\":\"%s\"}",
      now().c_str(), command.c_str(), on ? 1 : 0, done ? "true" : "false", done ? "done" : "emergency stop",
      told["correlation_id"] | "");
  tellRelay();
}

void emergency(JsonDocument &told) {
  String command = told["command"] | "";
  if (command == "emergency_stop") {
    stopped = true;
    turn(false, 0);
    say("actuator/emergency/ack",
        "{\"ts\":%s,\"esp_id\":\"@ID@\",\"command\":\"emergency_stop\",\"gpio_count\":1,\"outcome\":\"success\"}", now().c_str());
    tellRelay();
  } else if (command == "clear_emergency") {
    stopped = false;  // nothing is switched on by it
    say("actuator/recovery_confirm",
        "{\"ts\":%s,\"esp_id\":\"@ID@\",\"command\":\"clear_emergency\",\"state\":\"normal\"}", now().c_str());
  }
}

void configured(const char *kind, JsonDocument &told) {
  say("config_response",
      "{\"ts\":%s,\"esp_id\":\"@ID@\",\"status\":\"success\",\"type\":\"%s\",\"count\":1,\"failed_count\":0,"
      "\"correlation_id\":\"%s\"}",
      now().c_str(), kind, told["correlation_id"] | "");
}

// Which pins it uses is written above; of the configuration it takes how long the relay may run.
void configure(JsonDocument &told) {
  for (JsonObject one : told["actuators"].as<JsonArray>())
    if ((one["gpio"] | -1) == RELAY) longest = one["max_runtime_ms"] | longest;
  fingerprint = told["config_fingerprint"] | "";
  if (told["sensors"].is<JsonArray>()) configured("sensor", told);
  if (told["actuators"].is<JsonArray>()) configured("actuator", told);
  heartbeat();
}

// The answer to a heartbeat has the box's time: no time server is needed.
void setClock(JsonDocument &told) {
  long ahead = (long)(told["server_time"] | 0UL) - (long)time(nullptr);
  if (told["server_time"].isNull() || labs(ahead) < 3) return;
  timeval right = {(time_t)(told["server_time"] | 0UL), 0};
  settimeofday(&right, nullptr);
}
//?pair
//?pair // kaiser lets it in: this password is its own from now on.
//?pair void keepPassword(JsonDocument &told) {
//?pair   password = told["password"] | "";
//?pair   kept.putString("password", password);
//?pair   mqtt.disconnect();
//?pair }

void heard(char *topic, byte *bytes, unsigned int length) {
  String what = String(topic).substring(strlen(BASE));
  JsonDocument told;
  if (deserializeJson(told, bytes, length)) return;
  if (what == "actuator/@RELAY@/command") obey(told);
  else if (what == "actuator/emergency") emergency(told);
  else if (what == "config") configure(told);
  else if (what == "system/heartbeat/ack") setClock(told);
//?pair   else if (what == "mqtt/auth_update") keepPassword(told);
}

// Waits longer after each failure, up to a minute, and never as long as all the others: they come back together.
void comeIn() {
  if (WiFi.status() != WL_CONNECTED || millis() - attempt < backoff) return;
  attempt = millis();
//?own   const char *secret = PASSWORD;
//?pair   const char *secret = password.length() ? password.c_str() : CLAIM_CODE;
  // Its will: the broker says it as soon as the connection breaks.
  if (mqtt.connect(ID, ID, secret, BASE "system/will", 1, true,
                   "{\"esp_id\":\"@ID@\",\"status\":\"offline\",\"reason\":\"unexpected_disconnect\"}")) {
    ceiling_ms = 1000;
    backoff = 0;
    for (const char *topic : {BASE "actuator/@RELAY@/command", BASE "actuator/emergency", BASE "config",
                              BASE "system/heartbeat/ack"})
      mqtt.subscribe(topic, 1);
//?pair     mqtt.subscribe(BASE "mqtt/auth_update", 1);
    heartbeat();
    tellRelay();
    beat = millis();
    measured = millis() - 27000;  // the first reading in three seconds: the clock is right then
  } else {
    Serial.printf("not connected: %d\n", mqtt.state());  // 4: wrong password, 5: not let in, -2: nobody there
    backoff = ceiling_ms / 2 + random(ceiling_ms / 2);
    ceiling_ms = min<uint32_t>(ceiling_ms * 2, 60000);
  }
}

void setup() {
  Serial.begin(115200);
  pinMode(RELAY, OUTPUT);
  digitalWrite(RELAY, LOW);
//?pair   kept.begin("kaiser");
//?pair   password = kept.getString("password", "");
  WiFi.begin(WIFI, WIFI_PASSWORD);
//?tls   configTime(0, 0, "pool.ntp.org");  // certificates have dates: the clock has to be right before
//?tls   net.setCACert(KAISER_CA_PEM);
  mqtt.setServer(BOX, PORT);
  mqtt.setBufferSize(4352);  // a configuration has up to 4096 bytes
  mqtt.setCallback(heard);
}

void loop() {
  if (offAt && (int32_t)(millis() - offAt) >= 0) {
    turn(false, 0);
    tellRelay();
  }
  if (!mqtt.loop()) return comeIn();
  if (millis() - beat >= 60000) {
    beat = millis();
    heartbeat();
  }
  if (millis() - measured >= 30000) {
    measured = millis();
    measure();
  }
}
