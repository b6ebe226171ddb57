#include "services/clip/encoder.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "json/fields.hpp"
#include "services/kit/failures.hpp"

namespace npu::clip {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

// Texts of one request that are with the manager at a time, in two batches at least: the device's
// queue does not run dry, and other clients' turns come between.
constexpr std::size_t kAtOnce = 8;

std::size_t requests_at_once(std::size_t batch) {
  return std::max<std::size_t>(2, kAtOnce / batch);
}

// How many of so many texts go into the next request. A batch takes the device as long as half as
// many single ones do, however full it is.
std::size_t next_count(std::size_t left, std::size_t batch) {
  return 2 * left > batch ? std::min(left, batch) : 1;
}

constexpr std::size_t kMaxBatch = 64;

std::string key_of(const Tokens& tokens) {
  return {reinterpret_cast<const char*>(tokens.data()), tokens.size() * sizeof(tokens[0])};
}

// (tokens, width)
std::optional<std::pair<std::size_t, std::size_t>> matrix_in(npu::json::Fields& fields,
                                                             std::string_view name) {
  const auto* list = fields.list(name);
  if (list == nullptr || list->size() != 2) return std::nullopt;
  const auto rows = npu::json::count_in(list->at(0));
  const auto columns = npu::json::count_in(list->at(1));
  if (!rows || !columns || *rows == 0 || *columns == 0) return std::nullopt;
  return std::pair<std::size_t, std::size_t>(*rows, *columns);
}

Result<EncoderShapes> shapes_of(const LoadedModel& loaded) {
  const auto* info = npu::json::Fields(loaded.json).object("model_info");
  const auto* text = info != nullptr ? npu::json::Fields(*info).object("text") : nullptr;
  if (text == nullptr || loaded.outputs.empty()) {
    return fail(ErrorCode::kUnsupported,
                "the device manager is too old to say what the encoders of clip take");
  }
  npu::json::Fields in(*text);
  const auto input = matrix_in(in, "input_shape");
  const auto output = matrix_in(in, "output_shape");
  constexpr std::size_t kLeast = 3;  // start, a token, end
  if (!input || !output || input->first != output->first || input->first < kLeast) {
    return fail(
        ErrorCode::kUnsupported,
        "a text encoder takes and gives a row for each token; this one: " + json::serialize(*text));
  }
  const auto batch = in.count("batch").value_or(1);
  std::size_t dimension = 1;
  for (const auto side : loaded.outputs.front().shape) dimension *= static_cast<std::size_t>(side);
  return EncoderShapes{.tokens = input->first,
                       .width = input->second,
                       .features = output->second,
                       .dimension = dimension,
                       .batch = std::clamp<std::size_t>(batch, 1, kMaxBatch)};
}

// A network may give anything; what is no number is in no answer.
Result<Vector> of_numbers(Vector vector) {
  const auto is_number = [](float value) { return std::isfinite(value); };
  if (std::ranges::all_of(vector, is_number)) return vector;
  return fail(ErrorCode::kInternal, "the network's output has what is no number");
}

// What the text encoder takes of it.
ClientTensor embedded_text(const TextTables& tables, const Tokens& tokens) {
  const EncoderShapes& shapes = tables.shapes();
  const std::size_t count = shapes.tokens * shapes.width;
  Tensor tensor{DType::kFloat32,
                {static_cast<std::int64_t>(shapes.tokens), static_cast<std::int64_t>(shapes.width)},
                std::vector<std::byte>(count * sizeof(float))};
  tables.look_up(tokens, {reinterpret_cast<float*>(tensor.data.data()), count});
  return ClientTensor::own(std::move(tensor));
}

// The vectors of texts from what the text encoder gave for them.
Result<std::vector<Vector>> projected(const TextTables& tables,
                                      std::span<const Tokens* const> texts,
                                      const InferResult& output) {
  const EncoderShapes& shapes = tables.shapes();
  const bool whole = output.tensors.size() == texts.size() &&
                     std::ranges::all_of(output.tensors, [&](const ClientTensor& tensor) {
                       return tensor.dtype() == DType::kFloat32 &&
                              tensor.as<float>().size() == shapes.tokens * shapes.features;
                     });
  if (!whole) {
    return fail(ErrorCode::kInternal, "the text encoder's output has not a row for each token");
  }
  std::vector<Vector> vectors;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto vector =
        of_numbers(tables.project(output.tensors[i].as<float>(), tables.end_of(*texts[i])));
    if (!vector) return fail(vector.error());
    vectors.push_back(std::move(*vector));
  }
  return vectors;
}

}  // namespace

http::Request part_of(const http::Request& request) {
  http::Request part;
  part.id = request.id;
  part.client = request.client;
  part.deadline = request.deadline;
  part.stop = request.stop;
  return part;
}

InferInput picture_request(ClientTensor picture) {
  InferInput input;
  input.field("mode", "image").tensor("tensor", std::move(picture));
  return input;
}

Result<Vector> picture_vector(const InferResult& result) {
  const auto tensor = result.tensor();
  if (!tensor || tensor->dtype() != DType::kFloat32) {
    return fail(ErrorCode::kInternal, "the image encoder's output is not a tensor of float32");
  }
  const auto values = tensor->as<float>();
  Vector vector(values.begin(), values.end());
  normalise(vector);
  return of_numbers(std::move(vector));
}

// Texts of one request that are to be encoded, and what became of them.
struct Encoder::Batch {
  const http::Request& request;
  Tables tables;
  std::vector<const Tokens*> wanted{};
  std::vector<Vector> vectors{};
  std::size_t next = 0;
  std::optional<Error> failure{};
};

Encoder::Encoder(const ClipConfig& config, kit::Model& model, http::WorkPool& pool,
                 kit::Pictures& pictures)
    : config_(config),
      model_(model),
      pool_(pool),
      pictures_(pictures),
      cache_(config.cache_entries()) {}

Status Encoder::accept(const LoadedModel& loaded) {
  const auto shapes = shapes_of(loaded);
  if (!shapes) return fail(shapes.error());
  auto tables = load_text_tables(config_.side_files, config_.text_model, *shapes);
  if (!tables) return fail(tables.error());
  tables_ = std::make_shared<const TextTables>(std::move(*tables));
  cache_.clear();
  return {};
}

kit::FitOptions Encoder::fit() const {
  kit::FitOptions how = model_.fit(kit::Fit::kStretch);
  how.resample = media::Resample::kBicubic;
  return how;
}

awaitable<Result<Vector>> Encoder::picture(http::Request& request, kit::PictureUpload& upload) {
  auto input = co_await pictures_.fit(request, upload, model_.picture(), fit());
  if (!input) co_return fail(input.error());
  const auto output = co_await model_.infer(picture_request(std::move(input->tensor)), request);
  if (!output) co_return fail(output.error());
  co_return picture_vector(*output);
}

awaitable<Result<std::vector<Vector>>> Encoder::texts(const http::Request& request,
                                                      std::vector<std::string> texts) {
  const Tables tables = tables_;
  if (!tables) co_return fail(kit::being_loaded());
  auto rows = co_await http::on(
      pool_,
      [&] {
        std::vector<Tokens> all(texts.size());
        std::ranges::transform(texts, all.begin(),
                               [&](const std::string& text) { return tables->tokens(text); });
        return all;
      },
      request.turn(http::PoolEntry::kContinued));
  if (!rows) co_return fail(rows.error());
  co_return co_await tokens(request, std::move(*rows));
}

awaitable<Result<std::vector<Vector>>> Encoder::tokens(const http::Request& request,
                                                       std::vector<Tokens> rows) {
  Batch batch{.request = request, .tables = tables_};
  if (!batch.tables) {
    co_return fail(kit::being_loaded());
  }
  // Of each row: its vector, or the number in the batch that it will have.
  std::vector<std::optional<Vector>> known(rows.size());
  std::vector<std::size_t> numbers(rows.size());
  std::map<std::string, std::size_t> asked;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string key = key_of(rows[i]);
    if (const auto before = asked.find(key); before != asked.end()) {
      numbers[i] = before->second;
    } else if (const Vector* vector = cache_.get(key)) {
      known[i] = *vector;
    } else {
      numbers[i] = batch.wanted.size();
      asked.emplace(std::move(key), batch.wanted.size());
      batch.wanted.push_back(&rows[i]);
    }
  }
  if (!batch.wanted.empty()) {
    batch.vectors.resize(batch.wanted.size());
    const auto executor = co_await asio::this_coro::executor;
    using Work = decltype(asio::co_spawn(executor, work_on(batch), asio::deferred));
    std::vector<Work> works;
    const std::size_t at_once = requests_at_once(batch.tables->shapes().batch);
    for (std::size_t i = 0; i < std::min(at_once, batch.wanted.size()); ++i) {
      works.push_back(asio::co_spawn(executor, work_on(batch), asio::deferred));
    }
    const auto [order, thrown] =
        co_await asio::experimental::make_parallel_group(std::move(works))
            .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (const std::exception_ptr& one : thrown) {
      if (one) std::rethrow_exception(one);
    }
    if (batch.failure) co_return fail(*batch.failure);
  }
  std::vector<Vector> vectors(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    vectors[i] = known[i] ? std::move(*known[i]) : batch.vectors[numbers[i]];
  }
  // Not of a model that has been replaced meanwhile.
  if (batch.tables == tables_) {
    for (auto& [key, number] : asked) cache_.put(key, std::move(batch.vectors[number]));
  }
  co_return vectors;
}

awaitable<void> Encoder::work_on(Batch& batch) {
  while (batch.next < batch.wanted.size() && !batch.failure) {
    const std::size_t first = batch.next;
    const std::size_t count = next_count(batch.wanted.size() - first, batch.tables->shapes().batch);
    batch.next += count;
    auto vectors = co_await encode(batch.request, *batch.tables,
                                   std::span(batch.wanted).subspan(first, count));
    if (!vectors) {
      batch.failure = vectors.error();
      co_return;
    }
    std::ranges::move(*vectors, batch.vectors.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

awaitable<Result<std::vector<Vector>>> Encoder::encode(const http::Request& request,
                                                       const TextTables& tables,
                                                       std::span<const Tokens* const> texts) {
  const auto turn = request.turn(http::PoolEntry::kContinued);
  auto embedded = co_await http::on(
      pool_,
      [&] {
        std::vector<ClientTensor> tensors;
        for (const Tokens* tokens : texts) tensors.push_back(embedded_text(tables, *tokens));
        return tensors;
      },
      turn);
  if (!embedded) co_return fail(embedded.error());
  InferInput input;
  input.field("mode", "text");
  if (texts.size() == 1) {
    input.tensor("tensor", std::move(embedded->front()));
  } else {
    input.tensors("tensors", std::move(*embedded));
  }
  const auto output = co_await model_.infer(std::move(input), request);
  if (!output) co_return fail(output.error());
  co_return co_await http::on(pool_, [&] { return projected(tables, texts, *output); }, turn);
}

}  // namespace npu::clip
