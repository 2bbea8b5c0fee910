export const said = {
  advice: {
    actuators_full: 'Das Gerät meldet mehr Aktoren, als es haben darf; weitere werden abgelehnt.',
    client_id_shared:
      'Zwei Clients nutzen dieselbe Kennung und werfen einander hinaus; geben Sie jedem seine eigene.',
    clock_wrong: 'Die Uhr des Geräts geht falsch; kaiser nimmt die Zeit der Ankunft.',
    config_differs:
      'Das Gerät meldet andere Sensoren oder Aktoren, als eingestellt sind; es wird ihm einige Male noch einmal gesagt.',
    config_refused:
      'Das Gerät hat einen Teil seiner Konfiguration abgelehnt. Beim Sensor oder Aktor steht, warum: ändern Sie ihn, oder sehen Sie nach dem Gerät.',
    config_too_large: 'Ein Teil der Konfiguration passt nicht in das Gerät; kürzen Sie Namen oder Zusätze.',
    flapping: 'Das Gerät kommt und geht; prüfen Sie Stromversorgung und WLAN.',
    quality_unknown:
      'Messwerte kommen mit einem Wort für die Güte, das kaiser nicht kennt; sie gilt als unbekannt.',
    raw_mode_missing: 'Messwerte kommen ohne raw_mode; kaiser hält die Zahl für einen Rohwert.',
    response_unsolicited:
      'Das Gerät antwortet auf Befehle, die kaiser nie gab; finden Sie heraus, wer es sonst steuert.',
    sensor_stuck: 'Ein Sensor zeigt seit langem genau denselben Wert; prüfen Sie seine Verdrahtung.',
    sensor_type_failed: 'Ein eigenes Sensormodul schlug fehl und wird umgangen; seine Messwerte bleiben roh.',
    sensor_type_unknown:
      'Der Sensortyp ist nicht bekannt; seine Messwerte bleiben roh. Legen Sie ein Modul nach DATA/sensors.',
    sensors_full: 'Das Gerät schickt mehr Sensoren, als es darf; weitere werden abgelehnt.',
    sessions_damaged:
      'Eine Tabelle des Brokers war beschädigt; Sitzungen oder Retained Messages können fehlen.',
    subzone_refused: 'Das Gerät hat eine Unterzone abgelehnt; ändern oder entfernen Sie sie.',
    subzone_unknown:
      'Das Gerät spricht von einer Unterzone, die niemand angelegt hat; entfernen Sie sie dort, oder legen Sie sie hier an.',
    ts_missing: 'Messwerte kommen ohne Zeit; kaiser nimmt die Zeit der Ankunft.',
    zone_differs:
      'Das Gerät nennt eine andere Zone als die eingestellte; weisen Sie ihm seine Zone noch einmal zu.',
    zone_refused:
      'Das Gerät hat seine Zone abgelehnt; kaiser bleibt bei der eingestellten. Weisen Sie sie noch einmal zu.',
  },
  health: {
    storage: 'Der Speicher nimmt nichts an ({state}).',
    mqtt: 'MQTT wird nicht bedient.',
    redis: 'Redis ist nicht zu erreichen ({detail}).',
    disk_space: 'Auf der Platte sind nur noch {megabytes} MB frei.',
    certificate_expired: 'Das Zertifikat ist abgelaufen ({expires_at}).',
    certificate_unusable: 'Ein neues Zertifikat ist nicht zu gebrauchen ({reason}).',
    certificate_expires: 'Das Zertifikat läuft in {days} Tagen ab.',
  },
}
