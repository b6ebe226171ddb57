#include "device/hailort/checks/vision_bench.hpp"

#include <filesystem>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace npu::device::hailort::checks {
namespace {

std::size_t whole_pages(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

// Streams of a model and those of its bindings go by name.
template <class Stream, class Find>
Status bind_all(const std::vector<Stream>& streams, Pages::Kind kind, std::vector<Pages>& pages,
                const Find& find) {
  for (const auto& stream : streams) {
    pages.emplace_back(stream.get_frame_size(), kind);
    if (pages.back().data() == nullptr) return fail(ErrorCode::kInternal, "no memory for a frame");
    auto bound = find(stream.name());
    if (!bound.has_value())
      return refused(bound.status(), Operation::kLoadTensor, "binding " + stream.name());
    const auto status =
        bound->set_buffer(sdk::MemoryView(pages.back().data(), stream.get_frame_size()));
    if (status != HAILO_SUCCESS)
      return refused(status, Operation::kLoadTensor, "binding " + stream.name());
  }
  return {};
}

}  // namespace

Pages::Pages(std::size_t bytes, Kind kind) : size_(whole_pages(bytes)) {
  UniqueFd memory;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  if (kind == Kind::kMemfd) {
    memory.reset(::memfd_create("selftest", MFD_CLOEXEC));
    if (!memory || ::ftruncate(memory.get(), static_cast<off_t>(size_)) != 0) return;
    flags = MAP_SHARED;
  }
  void* mapped =
      ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, flags | MAP_POPULATE, memory.get(), 0);
  if (mapped != MAP_FAILED) data_ = mapped;
}

Pages::~Pages() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

Pages::Pages(Pages&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(other.size_) {}

Result<VisionModel> VisionModel::load(sdk::VDevice& device, const std::string& path,
                                      Pages::Kind inputs) {
  const std::string name = std::filesystem::path(path).filename();
  VisionModel out;
  const Stopwatch watch;
  auto model = device.create_infer_model(path);
  if (!model.has_value()) return refused(model.status(), Operation::kLoadTensor, "loading " + name);
  out.model_ = model.release();
  out.model_->set_batch_size(1);
  auto configured = out.model_->configure();
  if (!configured.has_value())
    return refused(configured.status(), Operation::kLoadTensor, "configuring " + name);
  out.configured_ = configured.release();
  out.load_ms_ = watch.ms();
  if (auto bound = out.bind(inputs); !bound) return fail(bound.error());
  return out;
}

Status VisionModel::bind(Pages::Kind inputs) {
  auto bindings = configured_.create_bindings();
  if (!bindings.has_value())
    return refused(bindings.status(), Operation::kLoadTensor, "making bindings");
  bindings_ = bindings.release();
  if (auto bound = bind_all(model_->inputs(), inputs, inputs_,
                            [&](const std::string& name) { return bindings_.input(name); });
      !bound) {
    return bound;
  }
  return bind_all(model_->outputs(), Pages::Kind::kAnonymous, outputs_,
                  [&](const std::string& name) { return bindings_.output(name); });
}

hailo_status VisionModel::run(std::chrono::milliseconds timeout) {
  return configured_.run(bindings_, timeout);
}

hailo_status VisionModel::set_priority(int priority) {
  return configured_.set_scheduler_priority(static_cast<std::uint8_t>(priority));
}

}  // namespace npu::device::hailort::checks
