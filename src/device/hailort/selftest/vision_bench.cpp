#include "device/hailort/selftest/vision_bench.hpp"

#include <deque>
#include <filesystem>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace npu::device::hailort::selftest {
namespace {

constexpr std::size_t kOffset = 64;  // of memory that is to begin within a page
constexpr std::size_t kUnderWay = 2;
constexpr std::chrono::seconds kFrameLimit{10};

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

Pages::Pages(std::size_t bytes, Kind kind)
    : size_(whole_pages(bytes + (kind == Kind::kUnaligned ? kOffset : 0))),
      offset_(kind == Kind::kUnaligned ? kOffset : 0) {
  UniqueFd memory;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  if (kind == Kind::kMemfd) {
    memory.reset(::memfd_create("selftest", MFD_CLOEXEC));
    if (!memory || ::ftruncate(memory.get(), static_cast<off_t>(size_)) != 0) return;
    flags = MAP_SHARED;
  }
  void* mapped =
      ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, flags | MAP_POPULATE, memory.get(), 0);
  if (mapped != MAP_FAILED) data_ = static_cast<std::byte*>(mapped) + offset_;
}

Pages::~Pages() {
  if (data_ != nullptr) ::munmap(static_cast<std::byte*>(data_) - offset_, size_);
}

Pages::Pages(Pages&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(other.size_), offset_(other.offset_) {}

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

hailo_status VisionModel::run_pipelined(int frames) {
  std::deque<sdk::AsyncInferJob> under_way;
  hailo_status worst = HAILO_SUCCESS;
  const auto take_one = [&] {
    const auto status = under_way.front().wait(kFrameLimit);
    if (worst == HAILO_SUCCESS) worst = status;
    under_way.pop_front();
  };
  for (int i = 0; i < frames && worst == HAILO_SUCCESS; ++i) {
    if (under_way.size() == kUnderWay) take_one();
    auto job = configured_.run_async(bindings_);
    if (!job.has_value()) return worst == HAILO_SUCCESS ? job.status() : worst;
    under_way.push_back(job.release());
  }
  while (!under_way.empty()) take_one();
  return worst;
}

hailo_status VisionModel::set_priority(int priority) {
  return configured_.set_scheduler_priority(static_cast<std::uint8_t>(priority));
}

}  // namespace npu::device::hailort::selftest
