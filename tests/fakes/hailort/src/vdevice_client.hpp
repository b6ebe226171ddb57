// The VDevice of a chip behind a connection.
#pragma once

#include "hailo/vdevice.hpp"

#include "connection.hpp"
#include "device_client.hpp"

namespace hailort {

class VDeviceClient final : public VDevice {
 public:
  VDeviceClient(const hailo_vdevice_params_t& params,
                std::shared_ptr<hailo_fake::Connection> connection);
  ~VDeviceClient() override;

  Expected<std::shared_ptr<InferModel>> create_infer_model(const std::string& hef_path,
                                                           const std::string& name) override;
  Expected<std::shared_ptr<InferModel>> create_infer_model(const MemoryView hef_buffer,
                                                           const std::string& name) override;
  Expected<std::vector<std::reference_wrapper<Device>>> get_physical_devices() const override;
  hailo_status dma_map(void* address, size_t size, hailo_dma_buffer_direction_t direction) override;
  hailo_status dma_unmap(void* address, size_t size,
                         hailo_dma_buffer_direction_t direction) override;

  const std::shared_ptr<hailo_fake::Connection>& connection() const { return connection_; }

 private:
  Expected<std::shared_ptr<InferModel>> upload(hailo_fake::HefPtr hef, const std::string& name);

  std::shared_ptr<hailo_fake::Connection> connection_;
  std::unique_ptr<DeviceClient> device_;
  std::atomic<bool> left_ = false;
};

}  // namespace hailort
