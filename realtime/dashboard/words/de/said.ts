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
  command: {
    away: 'das Gerät ist nicht verbunden',
    daily_quota: 'er war die {quota} s an, die er in 24 Stunden an sein darf',
    disabled: 'der Aktor ist außer Gebrauch',
    duration_cut_quota:
      'Die Dauer von {wished} s ist auf {most} s gekürzt: mehr lässt sein Tageskontingent nicht übrig.',
    duration_cut_runtime:
      'Die Dauer von {wished} s ist auf {most} s gekürzt: länger als {max_runtime} s darf er nicht laufen.',
    max_runtime: 'er war die {max_runtime} s an, die er am Stück an sein darf, und muss erst ausgehen',
    min_off: 'er muss {min_off} s aus bleiben; {left} s fehlen noch',
    never_with_coming:
      'er darf nie zusammen mit GPIO {gpio} von {esp_id} an sein, und der wird gerade eingeschaltet',
    never_with_on: 'er darf nie zusammen mit GPIO {gpio} von {esp_id} an sein, und der ist an',
    never_with_told:
      'er darf nie zusammen mit GPIO {gpio} von {esp_id} an sein, und von dem war nichts zu hören, seit er angehen sollte',
    never_with_was_off:
      'Er darf nie zusammen mit GPIO {gpio} von {esp_id} an sein; von dem ist gerade nichts zu hören, zuletzt war er nicht an.',
    never_with_was_on:
      'er darf nie zusammen mit GPIO {gpio} von {esp_id} an sein; von dem ist gerade nichts zu hören, und zuletzt war er an',
    not_answered: 'das Gerät nahm ihn an und antwortete nicht rechtzeitig',
    not_taken: 'das Gerät nahm ihn nicht rechtzeitig an',
    off_ignores_value: 'Der Wert {value} zählt nicht: AUS ist 0.',
    on_ignores_value: 'Der Wert {value} zählt nicht: EIN ist {full}; für einen Teil nehmen Sie PWM.',
    only_while_ending:
      'er darf nur an sein, solange GPIO {gpio} von {esp_id} an ist, und dessen Zeit ist zu Ende',
    only_while_off: 'er darf nur an sein, solange GPIO {gpio} von {esp_id} an ist, und der ist aus',
    only_while_unheard:
      'er darf nur an sein, solange GPIO {gpio} von {esp_id} an ist, und von dem ist nichts zu hören',
    override: 'jemand hat ihn von Hand gestellt; Regeln dürfen in {left} s wieder handeln',
    part_of_switch:
      'Diese Art ({kind}) schaltet ohne PWM-Frequenz nur: {value} kann ganz an oder aus heißen; nehmen Sie EIN oder AUS.',
    range_above: 'der Wert {value} liegt über dem höchsten, {limit}',
    range_below: 'der Wert {value} liegt unter dem niedrigsten, {limit} (0 ist aus)',
    safe_mode: 'die Unterzone {subzone_id} ruht; ihre Aktoren bleiben aus, bis das endet',
    sensor_never: '{sensor_type} an GPIO {gpio} von {esp_id} war noch nie zu hören',
    sensor_old:
      '{sensor_type} an GPIO {gpio} von {esp_id} war zuletzt vor {age} s zu hören; {max_age} s sind erlaubt',
    starts_per_hour: 'er wurde in einer Stunde {starts} Mal eingeschaltet; {limit} sind erlaubt',
    stopped: 'Not-Aus durch {issued_by}: {reason}',
    stops_by_quota: 'Er geht nach {most} s aus: mehr lässt sein Tageskontingent nicht übrig.',
  },
  field: {
    above_0: 'muss eine Zahl über 0 sein',
    address_in_path: 'muss {value} sein, wie im Pfad',
    at_least: 'muss mindestens {limit} sein',
    at_most: 'darf höchstens {limit} sein',
    above: 'muss über {limit} liegen',
    below: 'muss unter {limit} liegen',
    aux_is_own: 'muss ein anderer Pin sein als der des Aktors selbst',
    below_other: 'muss unter dem oberen liegen, der {limit} ist',
    device_unknown: 'muss die Kennung eines Geräts sein: {esp_id} ist nicht bekannt',
    duration_within: 'muss eine Zahl von Sekunden von 0 bis {most} sein; 0 = kein Ende',
    endless_unconfirmed:
      'muss bei dieser Art ({kind}) von 1 bis 86400 Sekunden sein, oder als „ohne Zeitgrenze“ bestätigt werden',
    gpio_no_pin: 'muss von 0 bis 254 sein: 255 ist kein Aktor',
    interlock_needed:
      'GPIO {gpio} von {esp_id} darf nur an sein, solange dieser Aktor an ist: so ginge er nie an',
    interlock_ring:
      'GPIO {gpio} von {esp_id} wartet schon auf diesen Aktor: so ginge keiner von beiden je an',
    interlocks_contradict: '„nie zusammen“ und „nur solange“ widersprechen sich bei GPIO {gpio} von {esp_id}',
    interlock_none: 'muss ein Aktor sein: an GPIO {gpio} von {esp_id} ist keiner',
    interlock_self: 'muss ein anderer Aktor sein als dieser',
    max_is_0: 'muss über 0 liegen; was aus bleiben soll, nehmen Sie außer Gebrauch',
    max_of_switch: 'muss ohne PWM-Frequenz ganz an sein: diese Art ({kind}) schaltet nur',
    min_above_max: 'Der niedrigste Wert darf nicht über dem höchsten liegen.',
    not_json: 'ist kein JSON',
    not_known: 'ist nicht bekannt; erlaubt: {allowed}',
    not_list: 'muss eine Liste sein',
    not_number: 'muss eine Zahl sein',
    not_object: 'muss ein Objekt sein',
    not_text: 'muss Text sein',
    not_true_or_false: 'muss ja oder nein sein',
    not_whole: 'muss eine ganze Zahl sein',
    one_of: 'muss eines von diesen sein: {allowed}',
    outside_range: 'muss 0 sein oder zwischen dem niedrigsten und dem höchsten Wert liegen',
    part_of_switch: 'muss 0 oder ganz an sein: diese Art ({kind}) schaltet nur',
    password_digit: 'muss eine Ziffer enthalten',
    password_length: 'muss 8 bis 128 Zeichen haben',
    password_lower: 'muss einen Kleinbuchstaben enthalten',
    password_special: 'muss ein Sonderzeichen enthalten, etwa ! # $ % & * ( ) - + = ?',
    password_upper: 'muss einen Großbuchstaben enthalten',
    required: 'wird gebraucht',
    sensor_none:
      'muss ein Sensor sein: {sensor_type} an GPIO {gpio} von {esp_id} ist weder konfiguriert noch je gehört worden',
    sensor_type_unknown: 'muss ein Sensortyp sein: kaiser kennt {sensor_type} nicht',
    servo_order: 'Der kürzeste Impuls muss unter dem längsten liegen.',
    share: 'muss eine Zahl von 0 bis 1 sein',
    text_within: 'darf höchstens {most} Zeichen haben',
    time_zone: 'ist keine Zeitzone; schreiben Sie sie wie Europe/Berlin',
    too_long: 'darf höchstens {limit} Zeichen haben',
    too_many: 'darf höchstens {limit} Einträge haben',
    too_short: 'muss mindestens {limit} Zeichen haben',
    too_few: 'muss mindestens {limit} Einträge haben',
    whole_within: 'muss eine ganze Zahl von {low} bis {high} sein',
    zone_name_no_id: 'braucht einen Buchstaben von a bis z oder eine Ziffer, aus denen eine Kennung wird',
    written_wrong: 'ist nicht so geschrieben, wie es sein muss',
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
