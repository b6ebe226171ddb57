// The part of HailoRT's C header that the adapter uses: same names, same numbers, same layout.
// The layout is that of 5.2.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hailo/status_list.h"

#define HAILORTAPI __attribute__((visibility("default")))

#define HAILO_MAX_ENUM (INT_MAX)
#define HAILO_INFINITE (UINT32_MAX)
#define HAILO_MAX_NAME_SIZE (128)
#define HAILO_MAX_STREAM_NAME_SIZE (HAILO_MAX_NAME_SIZE)
#define HAILO_MAX_NETWORK_GROUP_NAME_SIZE (HAILO_MAX_NAME_SIZE)
#define HAILO_MAX_NETWORK_NAME_SIZE (HAILO_MAX_NETWORK_GROUP_NAME_SIZE + 1 + HAILO_MAX_NAME_SIZE)
#define HAILO_MAX_BOARD_NAME_LENGTH (32)
#define HAILO_MAX_DEVICE_ID_LENGTH (32)
#define HAILO_MAX_SERIAL_NUMBER_LENGTH (16)
#define HAILO_MAX_PART_NUMBER_LENGTH (16)
#define HAILO_MAX_PRODUCT_NAME_LENGTH (42)
#define HAILO_DEFAULT_BATCH_SIZE (0)
#define HAILO_DEFAULT_DEVICE_COUNT (1)
#define HAILO_UNIQUE_VDEVICE_GROUP_ID ("UNIQUE")
#define HAILO_DEFAULT_VDEVICE_GROUP_ID HAILO_UNIQUE_VDEVICE_GROUP_ID
#define HAILO_SCHEDULER_PRIORITY_NORMAL (16)
#define HAILO_SCHEDULER_PRIORITY_MAX (31)
#define HAILO_SCHEDULER_PRIORITY_MIN (0)
#define HAILO_RANDOM_SEED (UINT32_MAX)

typedef float float32_t;
typedef double float64_t;
typedef uint16_t nms_bbox_counter_t;

typedef enum {
#define HAILO_FAKE_STATUS_ENTRY(number, name) name = number,
  HAILO_FAKE_STATUS_LIST(HAILO_FAKE_STATUS_ENTRY)
#undef HAILO_FAKE_STATUS_ENTRY
      HAILO_STATUS_COUNT,
  HAILO_STATUS_MAX_ENUM = HAILO_MAX_ENUM
} hailo_status;

typedef struct {
  uint32_t major;
  uint32_t minor;
  uint32_t revision;
} hailo_version_t;

typedef struct {
  char id[HAILO_MAX_DEVICE_ID_LENGTH];
} hailo_device_id_t;

typedef enum hailo_scheduling_algorithm_e {
  HAILO_SCHEDULING_ALGORITHM_NONE = 0,
  HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN,
  HAILO_SCHEDULING_ALGORITHM_MAX_ENUM = HAILO_MAX_ENUM
} hailo_scheduling_algorithm_t;

typedef struct {
  uint32_t device_count;
  hailo_device_id_t* device_ids;
  hailo_scheduling_algorithm_t scheduling_algorithm;
  const char* group_id;
  bool multi_process_service;
} hailo_vdevice_params_t;

typedef enum hailo_device_architecture_e {
  HAILO_ARCH_HAILO8_A0 = 0,
  HAILO_ARCH_HAILO8,
  HAILO_ARCH_HAILO8L,
  HAILO_ARCH_HAILO15H,
  HAILO_ARCH_HAILO15L,
  HAILO_ARCH_HAILO15M,
  HAILO_ARCH_HAILO10H,
  HAILO_ARCH_HAILO12L,
  HAILO_ARCH_MAX_ENUM = HAILO_MAX_ENUM
} hailo_device_architecture_t;

typedef struct {
  uint32_t major;
  uint32_t minor;
  uint32_t revision;
} hailo_firmware_version_t;

// The texts are not terminated where they fill their array; the length says how long they are.
typedef struct {
  uint32_t protocol_version;
  hailo_firmware_version_t fw_version;
  uint32_t logger_version;
  uint8_t board_name_length;
  char board_name[HAILO_MAX_BOARD_NAME_LENGTH];
  bool is_release;
  bool extended_context_switch_buffer;
  bool extended_fw_check;
  hailo_device_architecture_t device_architecture;
  uint8_t serial_number_length;
  char serial_number[HAILO_MAX_SERIAL_NUMBER_LENGTH];
  uint8_t part_number_length;
  char part_number[HAILO_MAX_PART_NUMBER_LENGTH];
  uint8_t product_name_length;
  char product_name[HAILO_MAX_PRODUCT_NAME_LENGTH];
} hailo_device_identity_t;

typedef struct {
  float32_t ts0_temperature;
  float32_t ts1_temperature;
  uint16_t sample_count;
} hailo_chip_temperature_info_t;

// -1 for what the device cannot tell. 5.1.1 counts memory in bytes, later ones in KiB.
typedef struct {
  float32_t cpu_utilization;
  int64_t ram_size_total;
  int64_t ram_size_used;
  float32_t nnc_utilization;
  int32_t ddr_noc_total_transactions;
  int32_t dsp_utilization;
} hailo_performance_stats_t;

typedef struct {
  float32_t on_die_temperature;
  int32_t on_die_voltage;
  int32_t bist_failure_mask;
} hailo_health_stats_t;

typedef enum {
  HAILO_RESET_DEVICE_MODE_CHIP = 0,
  HAILO_RESET_DEVICE_MODE_NN_CORE = 1,
  HAILO_RESET_DEVICE_MODE_SOFT = 2,
  HAILO_RESET_DEVICE_MODE_FORCED_SOFT = 3,
  HAILO_RESET_DEVICE_MODE_REBOOT = 4,
  HAILO_RESET_DEVICE_MODE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_reset_device_mode_t;

#include "hailo/hailort_streams.h"

#ifdef __cplusplus
extern "C" {
#endif
HAILORTAPI hailo_status hailo_get_library_version(hailo_version_t* version);
HAILORTAPI const char* hailo_get_status_message(hailo_status status);
HAILORTAPI hailo_status hailo_init_vdevice_params(hailo_vdevice_params_t* params);
#ifdef __cplusplus
}
#endif
