// What the two encoders are asked, and what their answers are: between the host's part of CLIP
// (text_tables.hpp) and the device's.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <npu/client_types.hpp>
#include <npu/replies.hpp>
#include <npu/result.hpp>

#include "services/clip/text_tables.hpp"
#include "services/clip/vectors.hpp"

namespace npu::clip {

// As the manager tells them. kUnsupported where it does not, or this is no pair of encoders.
Result<EncoderShapes> shapes_of(const LoadedModel& loaded);

InferInput picture_request(ClientTensor picture);
// The vector in its answer. kInternal where it has none.
Result<Vector> picture_vector(const InferResult& result);

// What the text encoder takes of each. May read from the disk.
std::vector<ClientTensor> embedded_texts(const TextTables& tables,
                                         std::span<const Tokens* const> texts);
// At least one.
InferInput text_request(std::vector<ClientTensor> embedded);
// The vectors of these texts in its answer. kInternal where it has none.
Result<std::vector<Vector>> text_vectors(const TextTables& tables,
                                         std::span<const Tokens* const> texts,
                                         const InferResult& output);

// How many of so many texts go into the next request. A batch takes the device as long as half as
// many single ones do, however full it is.
std::size_t next_count(std::size_t left, std::size_t batch);

}  // namespace npu::clip
