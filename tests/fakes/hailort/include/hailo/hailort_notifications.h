// What the chip tells on its own. Included by hailort.h.
#pragma once

typedef enum {
  HAILO_NOTIFICATION_ID_ETHERNET_RX_ERROR = 0,
  HAILO_NOTIFICATION_ID_HEALTH_MONITOR_TEMPERATURE_ALARM,
  HAILO_NOTIFICATION_ID_HEALTH_MONITOR_DATAFLOW_SHUTDOWN,
  HAILO_NOTIFICATION_ID_HEALTH_MONITOR_OVERCURRENT_ALARM,
  HAILO_NOTIFICATION_ID_LCU_ECC_CORRECTABLE_ERROR,
  HAILO_NOTIFICATION_ID_LCU_ECC_UNCORRECTABLE_ERROR,
  HAILO_NOTIFICATION_ID_CPU_ECC_ERROR,
  HAILO_NOTIFICATION_ID_CPU_ECC_FATAL,
  HAILO_NOTIFICATION_ID_DEBUG,
  HAILO_NOTIFICATION_ID_CONTEXT_SWITCH_BREAKPOINT_REACHED,
  HAILO_NOTIFICATION_ID_HEALTH_MONITOR_CLOCK_CHANGED_EVENT,
  HAILO_NOTIFICATION_ID_HW_INFER_MANAGER_INFER_DONE,
  HAILO_NOTIFICATION_ID_CONTEXT_SWITCH_RUN_TIME_ERROR_EVENT,
  HAILO_NOTIFICATION_ID_NN_CORE_CRC_ERROR_EVENT,
  HAILO_NOTIFICATION_ID_THROTTLING_STATE_CHANGE_EVENT,  // since 5.2
  HAILO_NOTIFICATION_ID_COUNT,
  HAILO_NOTIFICATION_ID_MAX_ENUM = HAILO_MAX_ENUM
} hailo_notification_id_t;

typedef enum {
  HAILO_TEMPERATURE_PROTECTION_TEMPERATURE_ZONE__GREEN = 0,
  HAILO_TEMPERATURE_PROTECTION_TEMPERATURE_ZONE__ORANGE = 1,
  HAILO_TEMPERATURE_PROTECTION_TEMPERATURE_ZONE__RED = 2
} hailo_temperature_protection_temperature_zone_t;

typedef enum {
  HAILO_OVERCURRENT_PROTECTION_OVERCURRENT_ZONE__GREEN = 0,
  HAILO_OVERCURRENT_PROTECTION_OVERCURRENT_ZONE__RED = 1
} hailo_overcurrent_protection_overcurrent_zone_t;

#pragma pack(push, 1)
typedef struct {
  hailo_temperature_protection_temperature_zone_t temperature_zone;
  uint32_t alarm_ts_id;
  float32_t ts0_temperature;
  float32_t ts1_temperature;
} hailo_health_monitor_temperature_alarm_notification_message_t;

typedef struct {
  hailo_overcurrent_protection_overcurrent_zone_t overcurrent_zone;
  float32_t exceeded_alert_threshold;
  bool is_last_overcurrent_violation_reached;
} hailo_health_monitor_overcurrent_alert_notification_message_t;

// The state as a number, 0: none.
typedef struct {
  uint16_t new_state;
} hailo_throttling_state_change_message_t;

typedef union {
  hailo_health_monitor_temperature_alarm_notification_message_t
      health_monitor_temperature_alarm_notification;
  hailo_health_monitor_overcurrent_alert_notification_message_t
      health_monitor_overcurrent_alert_notification;
  hailo_throttling_state_change_message_t throttling_state_change;  // since 5.2
} hailo_notification_message_parameters_t;

typedef struct {
  hailo_notification_id_t id;
  uint32_t sequence;
  hailo_notification_message_parameters_t body;
} hailo_notification_t;
#pragma pack(pop)
