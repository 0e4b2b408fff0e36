ARG BASE_IMAGE=ubuntu:24.04
ARG SOLVER=uv
RUN apt-get update
