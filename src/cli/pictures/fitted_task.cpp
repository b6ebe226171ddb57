#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/pictures/picture_task.hpp"

namespace npu::cli {
namespace {

constexpr std::chrono::minutes kPatienceWithPictures{10};  // for decoding one's own

}  // namespace

media::DecodeOptions own_picture(int channels) {
  return {.apply_orientation = true, .channels = channels, .cpu_time = kPatienceWithPictures};
}

std::string model_path(const std::string& name) {
  std::error_code failed;
  const bool file = std::filesystem::is_regular_file(name, failed);
  return file || name.find('/') != std::string::npos ? absolute_path(name) : name;
}

TaskResult<Shape> picture_input(const TaskModel& model) {
  const Shape& shape = model.loaded.input_shape;
  if (shape.size() == 3 && (shape[2] == 1 || shape[2] == 3)) return shape;
  return failure_of(TaskFailure::Of::kModel,
                    {ErrorCode::kUnsupported,
                     fmt::format("{} takes no pictures of 1 or 3 channels, or the manager is too "
                                 "old to say what it takes",
                                 model.ref.path)});
}

TaskResult<FittedPicture> fitted(const TaskModel& model, const Shape& shape,
                                 const kit::FitOptions& how, std::span<const std::byte> picture) {
  auto tensor = model.client.allocate(DType::kUint8, shape);
  if (!tensor) return failure_of(TaskFailure::Of::kManager, tensor.error());
  const auto out = tensor->writable();
  const media::Size size{static_cast<int>(shape[1]), static_cast<int>(shape[0])};
  const auto placed =
      kit::decode_fitted(picture, own_picture(static_cast<int>(shape[2])), how, size,
                         {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  if (!placed) return failure_of(TaskFailure::Of::kPicture, placed.error());
  return FittedPicture{std::move(*tensor), *placed};
}

TaskResult<void> FittedTask::begin(const TaskModel& model) {
  auto shape = picture_input(model);
  if (!shape) return tl::unexpected(shape.error());
  shape_ = std::move(*shape);
  if (const Status accepted = accept(model.loaded); !accepted) {
    return failure_of(TaskFailure::Of::kCommandLine, accepted.error());
  }
  how_ = kit::fit_of(model.loaded, usual_fit());
  return {};
}

TaskResult<Looked> FittedTask::look(const TaskModel& model, std::span<const std::byte> picture) {
  auto input = fitted(model, shape_, how_, picture);
  if (!input) return tl::unexpected(input.error());
  const auto result =
      model.client.infer(model.ref, InferInput().tensor("input", std::move(input->tensor)));
  if (!result) return failure_of(TaskFailure::Of::kManager, result.error());
  auto findings = read(*result, input->placed);
  if (!findings) return failure_of(TaskFailure::Of::kModel, findings.error());
  return Looked{input->placed.picture, result->inference_time_ms, std::move(*findings)};
}

}  // namespace npu::cli
