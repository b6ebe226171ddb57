#include "services/clip/encoder.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "services/kit/failures.hpp"

namespace npu::clip {
namespace asio = boost::asio;
namespace {

// Texts of one request that are with the manager at a time, in two batches at least: the device's
// queue does not run dry, and other clients' turns come between.
constexpr std::size_t kAtOnce = 8;

std::size_t requests_at_once(std::size_t batch) {
  return std::max<std::size_t>(2, kAtOnce / batch);
}

// It is nobody's request, and not to be refused where many wait.
http::PoolTurn of_load() { return {{}, {}, http::PoolEntry::kContinued}; }

std::string key_of(const Tokens& tokens) {
  return {reinterpret_cast<const char*>(tokens.data()), tokens.size() * sizeof(tokens[0])};
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

awaitable<Status> Encoder::accept(const LoadedModel& loaded) {
  const auto shapes = shapes_of(loaded);
  if (!shapes) co_return fail(shapes.error());
  auto tables = co_await http::on(
      pool_, [&] { return load_text_tables(config_.side_files, config_.models.text, *shapes); },
      of_load());
  if (!tables) co_return fail(tables.error());
  tables_ = std::make_shared<const TextTables>(std::move(*tables));
  cache_.clear();
  co_return Status{};
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
  auto embedded = co_await http::on(pool_, [&] { return embedded_texts(tables, texts); }, turn);
  if (!embedded) co_return fail(embedded.error());
  const auto output = co_await model_.infer(text_request(std::move(*embedded)), request);
  if (!output) co_return fail(output.error());
  co_return co_await http::on(pool_, [&] { return text_vectors(tables, texts, *output); }, turn);
}

}  // namespace npu::clip
