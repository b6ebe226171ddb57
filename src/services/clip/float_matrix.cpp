#include "services/clip/float_matrix.hpp"

#include <cstdint>
#include <filesystem>

#include <fmt/format.h>
#include <sys/mman.h>

#include "media/npy.hpp"

namespace npu::clip {

Result<FloatMatrix> FloatMatrix::map(const store::OpenedFile& file) {
  const std::string name = std::filesystem::path(file.path).filename().string();
  const auto bad = [&](ErrorCode code, std::string_view why) {
    return fail(code, fmt::format("{}: {}", name, why));
  };
  if (file.size == 0) return bad(ErrorCode::kMalformed, "the file is empty");
  void* at = ::mmap(nullptr, file.size, PROT_READ, MAP_PRIVATE, file.fd.get(), 0);
  if (at == MAP_FAILED) return bad(ErrorCode::kUnavailable, "the file cannot be mapped");
  FloatMatrix matrix;
  matrix.mapped_ = std::shared_ptr<const void>(
      at, [size = file.size](const void* mapped) { ::munmap(const_cast<void*>(mapped), size); });
  const auto array = media::decode_npy({static_cast<const std::byte*>(at), file.size});
  if (!array) return bad(array.error().code, array.error().message);
  const bool aligned = reinterpret_cast<std::uintptr_t>(array->data.data()) % sizeof(float) == 0;
  if (array->dtype != DType::kFloat32 || array->shape.size() != 2 || !aligned) {
    return bad(ErrorCode::kUnsupported,
               fmt::format("must be a matrix of float32, is {} {}", name_of(array->dtype),
                           to_string(array->shape)));
  }
  matrix.values_ = {reinterpret_cast<const float*>(array->data.data()),
                    array->data.size() / sizeof(float)};
  matrix.rows_ = static_cast<std::size_t>(array->shape[0]);
  matrix.columns_ = static_cast<std::size_t>(array->shape[1]);
  return matrix;
}

}  // namespace npu::clip
