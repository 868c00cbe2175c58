# The edge or agent in a container: docker build -t ginnel . && docker run --rm ginnel version
#
# The image holds the executable and the five libraries of glibc it is linked to (scripts/lib/minimal-root.sh), and no shell.
FROM node:22-bookworm-slim AS build
WORKDIR /ginnel
COPY . .
RUN ./scripts/build && scripts/lib/minimal-root.sh dist/ginnel /image && mkdir -m 0700 /image/data

FROM scratch
COPY --from=build /image /
COPY --from=build --chown=65532:65532 /image/data /data
USER 65532:65532
# Where an edge keeps its records and certificates: docker run -v ginnel-edge:/data ginnel edge --data /data ...
VOLUME /data
ENTRYPOINT ["/usr/bin/ginnel"]
