// A generative model on the chip: its session, its share of the group and of the core.
//
// Strictly one request after the other, and every wait is without end.
#pragma once

#include <memory>

#include "hailo/expected.hpp"
#include "hailo/vdevice.hpp"

#include "fair_mutex.hpp"
#include "hef_file.hpp"
#include "machine.hpp"

namespace hailo_fake {

class GenaiLink {
 public:
  // kv: needs the chip's only KV cache.
  static hailort::Expected<std::unique_ptr<GenaiLink>> create(const hailort::VDevice& vdevice,
                                                              HefPtr hef, bool kv);
  ~GenaiLink();
  GenaiLink(const GenaiLink&) = delete;
  GenaiLink& operator=(const GenaiLink&) = delete;

  // What goes wrong with an operation; HAILO_SUCCESS if nothing. Does not return where nothing
  // comes back. wrong: for the caller, if not null.
  hailo_status enter(npu::device::sim::FaultOp op,
                     std::optional<npu::device::sim::WrongValue>* wrong);
  // One piece of work on the core, at the priority of generative models.
  hailo_status compute(npu::Duration time);
  hailo_status sleep(npu::Duration time);
  bool lost() const;

  Machine& machine() const { return *machine_; }
  const HefFile& hef() const { return *hef_; }
  // Requests wait here for each other. HailoRT's is not fair: there a request may wait for more
  // than the one before it.
  FairMutex& session() { return session_mutex_; }

 private:
  GenaiLink(std::shared_ptr<Machine> machine, HefPtr hef);
  hailo_status connect(bool kv);
  hailo_status load(const std::string& group);
  hailo_status receive(const std::string& group);
  hailo_status after(Chip::Wake wake);

  const std::shared_ptr<Machine> machine_;
  const HefPtr hef_;
  const Chip::Session session_;
  FairMutex session_mutex_;
  bool has_channel_ = false;
  bool kv_ = false;
  bool member_ = false;
  std::atomic<bool> lost_ = false;
  int runner_ = -1;
};

}  // namespace hailo_fake
