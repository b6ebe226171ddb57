#include "hailo/vdevice.hpp"

#include <algorithm>

#include "hailo/hailort_defaults.hpp"

#include "infer_model_client.hpp"
#include "log.hpp"
#include "vdevice_client.hpp"

namespace hailort {

namespace fake = hailo_fake;
using npu::device::sim::FaultOp;

Expected<std::shared_ptr<VDevice>> VDevice::create_shared() {
  return create_shared(HailoRTDefaults::get_vdevice_params());
}

Expected<std::shared_ptr<VDevice>> VDevice::create_shared(const hailo_vdevice_params_t& params) {
  auto vdevice = create(params);
  if (!vdevice) return make_unexpected(vdevice.status());
  return std::shared_ptr<VDevice>(vdevice.release());
}

Expected<std::unique_ptr<VDevice>> VDevice::create(const hailo_vdevice_params_t& params) {
  if (params.multi_process_service) {
    fake::log_error("multi_process_service is not needed and not possible on this device");
    return make_unexpected(HAILO_INVALID_OPERATION);
  }
  if (params.device_count != 1) {
    fake::log_error("Only single device is supported!");
    return make_unexpected(HAILO_OUT_OF_PHYSICAL_DEVICES);
  }
  auto machine = fake::Machine::get();
  const auto verdict = machine->enter(FaultOp::kConnect, "vdevice");
  const auto ids = Device::scan();
  if (!ids) return make_unexpected(ids.status());
  const bool own_choice = params.device_ids != nullptr;
  if (ids->empty() || (own_choice && params.device_ids[0].id != std::string(kDeviceId))) {
    fake::log_error("Invalid device id");
    return make_unexpected(HAILO_INVALID_ARGUMENT);
  }
  auto opened = connect(machine, verdict);
  if (!opened) return make_unexpected(opened.status());
  const auto connection = opened.release();

  const std::string group = params.group_id != nullptr ? params.group_id : "UNIQUE";
  const hailo_status status = connection->call([connection = connection.get(), group] {
    return connection->machine().chip.join(group, [connection] { return connection->ending(); });
  });
  if (status == HAILO_SUCCESS) {
    return std::unique_ptr<VDevice>(std::make_unique<VDeviceClient>(params, connection));
  }
  connection->close();
  if (status == HAILO_DEVICE_IN_USE && !own_choice) {
    fake::log_error("Failed to create vdevice. there are not enough free devices.");
    return make_unexpected(HAILO_OUT_OF_PHYSICAL_DEVICES);
  }
  return make_unexpected(status);
}

VDeviceClient::VDeviceClient(const hailo_vdevice_params_t& params,
                             std::shared_ptr<fake::Connection> connection)
    : VDevice(params),
      connection_(std::move(connection)),
      device_(std::make_unique<DeviceClient>(connection_, false)) {}

VDeviceClient::~VDeviceClient() {
  const auto machine = connection_->shared_machine();
  const auto verdict = machine->enter(FaultOp::kReleaseGroup, "");
  (void)connection_->call(
      [this] {
        left_ = true;
        connection_->machine().chip.leave(connection_->session());
        return HAILO_SUCCESS;
      },
      fake::Connection::Patience::kUsual, verdict);
  connection_->close();
  // The chip notices that a client is gone.
  if (!left_) machine->chip.leave(connection_->session());
}

Expected<std::shared_ptr<InferModel>> VDeviceClient::create_infer_model(const std::string& hef_path,
                                                                        const std::string& name) {
  auto hef = fake::read_hef(hef_path);
  if (!hef) return make_unexpected(hef.status());
  return upload(hef.release(), name);
}

Expected<std::shared_ptr<InferModel>> VDeviceClient::create_infer_model(const MemoryView hef_buffer,
                                                                        const std::string& name) {
  auto hef = fake::read_hef(std::span(hef_buffer.data(), hef_buffer.size()));
  if (!hef) return make_unexpected(hef.status());
  return upload(hef.release(), name);
}

Expected<std::shared_ptr<InferModel>> VDeviceClient::upload(fake::HefPtr hef,
                                                            const std::string& name) {
  if (!name.empty() && std::ranges::find(hef->groups, name) == hef->groups.end()) {
    return make_unexpected(HAILO_NOT_FOUND);
  }
  const auto verdict = connection_->machine().enter(FaultOp::kUpload, hef->stem);
  const hailo_status status = connection_->call(
      [connection = connection_.get(), time = hef->model.load] {
        return connection->sleep(connection->machine().settings.scaled(time))
                   ? HAILO_SUCCESS
                   : HAILO_COMMUNICATION_CLOSED;
      },
      fake::Connection::Patience::kLong, verdict);
  if (status != HAILO_SUCCESS) return make_unexpected(status);
  return std::shared_ptr<InferModel>(
      std::make_shared<InferModelClient>(connection_, std::move(hef), name));
}

Expected<std::vector<std::reference_wrapper<Device>>> VDeviceClient::get_physical_devices() const {
  std::vector<std::reference_wrapper<Device>> devices{*device_};
  return devices;
}

hailo_status VDeviceClient::dma_map(void* address, size_t size,
                                    hailo_dma_buffer_direction_t direction) {
  return connection_->dma().map(address, size, direction);
}

hailo_status VDeviceClient::dma_unmap(void* address, size_t size,
                                      hailo_dma_buffer_direction_t direction) {
  return connection_->dma().unmap(address, size, direction);
}

}  // namespace hailort
